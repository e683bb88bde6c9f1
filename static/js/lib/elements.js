/** Builds DOM nodes. Text becomes text nodes only, so that nothing a user typed becomes markup. */

import { amount, plainDecimal } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * A new element. `properties` are DOM properties; `dataset` and `attributes` are objects.
 * Children are nodes or text; null and undefined are left out.
 */
export function element(tag, properties = {}, ...children) {
  const { dataset, attributes, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  if (dataset) Object.assign(node.dataset, dataset);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon from the page's sheet of symbols, as a copy: hundreds of `use` elements are slow. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg, name) {
  if (svg.dataset.name === name) return;
  svg.dataset.name = name;
  svg.replaceChildren(...byId(`icon-${name}`).cloneNode(true).childNodes);
}

/** Sets the text if it differs. A node left alone costs no layout and is not read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function byId(id) {
  return document.getElementById(id);
}

/** An amount rounded for reading, with its exact value on hover. */
export function amountElement(value, symbol) {
  return element(
    "data",
    { value: plainDecimal(value), title: `${plainDecimal(value)} ${symbol}` },
    `${amount(value)} ${symbol}`,
  );
}

/** A button that copies `text` and says so. */
export function copyButton(text, label) {
  const mark = icon("copy");
  const button = element(
    "button",
    {
      type: "button",
      className: "icon-button",
      title: label,
      attributes: { "aria-label": label },
    },
    mark,
  );
  button.addEventListener("click", async () => {
    const done = await copy(text);
    setIcon(mark, done ? "check" : "cross");
    button.setAttribute("aria-label", done ? "Copied" : "Copying is not allowed");
    setTimeout(() => {
      setIcon(mark, "copy");
      button.setAttribute("aria-label", label);
    }, 1500);
  });
  return button;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
