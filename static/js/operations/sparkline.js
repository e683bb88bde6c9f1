/** A small line of the last values, scaled to the highest: decoration beside the number. */

const SVG = "http://www.w3.org/2000/svg";
const MAX_VALUES = 60;

/** Draws into `box`. Returns a function that adds a value. */
export function createSparkline(box) {
  const values = [];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${MAX_VALUES - 1} 10`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const area = svg.appendChild(document.createElementNS(SVG, "polygon"));
  const line = svg.appendChild(document.createElementNS(SVG, "polyline"));
  box.replaceChildren(svg);
  return (value) => {
    values.push(value);
    if (values.length > MAX_VALUES) values.shift();
    const most = Math.max(1, ...values);
    const first = MAX_VALUES - values.length;
    const points = values
      .map((each, index) => `${first + index},${(9.5 - (each / most) * 9).toFixed(2)}`)
      .join(" ");
    line.setAttribute("points", points);
    area.setAttribute("points", `${first},10 ${points} ${MAX_VALUES - 1},10`);
  };
}
