/** A small line of the last values, scaled to its highest. Decoration: the number stands beside it. */

const SVG = "http://www.w3.org/2000/svg";
const KEPT = 60;

/** Draws into `box`; call the result with each new value. */
export function createSparkline(box) {
  const values = [];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${KEPT - 1} 10`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const area = svg.appendChild(document.createElementNS(SVG, "polygon"));
  const line = svg.appendChild(document.createElementNS(SVG, "polyline"));
  box.replaceChildren(svg);
  return (value) => {
    values.push(value);
    if (values.length > KEPT) values.shift();
    const most = Math.max(1, ...values);
    const first = KEPT - values.length;
    const points = values
      .map((each, index) => `${first + index},${(9.5 - (each / most) * 9).toFixed(2)}`)
      .join(" ");
    line.setAttribute("points", points);
    area.setAttribute("points", `${first},10 ${points} ${KEPT - 1},10`);
  };
}
