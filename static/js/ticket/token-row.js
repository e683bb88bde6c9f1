/** One token in the picker. Its nodes are made once; prices change in place. */

import { copyButton, element, setText } from "../lib/elements.js";
import { percent, shorten, usd } from "../lib/format.js";
import { sparkline } from "./token-search.js";

const SVG = "http://www.w3.org/2000/svg";

/** Returns {node, choice, show(market)}; `onPick` is called when the token is chosen. */
export function createTokenRow({ symbol, name, mint }, onPick) {
  const price = element("span", { className: "token-price" });
  const change = element("span", { className: "token-change" });
  const line = document.createElementNS(SVG, "polyline");
  const choice = element(
    "button",
    { type: "button", className: "token-choice", dataset: { symbol } },
    element(
      "span",
      { className: "token-names" },
      element("strong", {}, symbol),
      element(
        "span",
        { className: "muted" },
        [name, mint && shorten(mint, 4)].filter(Boolean).join(" · "),
      ),
    ),
    sparklineBox(line),
    element("span", { className: "token-figures numeric" }, price, change),
  );
  choice.addEventListener("click", onPick);
  const copy = mint ? copyButton(mint, `Copy mint address of ${symbol}`) : null;
  const node = element("li", { className: "token-row" }, choice, copy);
  const show = ({ priceUsd, change24hPercent, sparkline: prices }) => {
    setText(price, usd(priceUsd));
    setText(change, change24hPercent === null ? "new" : changeText(change24hPercent));
    change.dataset.direction = directionOf(change24hPercent);
    line.setAttribute("points", sparkline(prices));
    line.dataset.direction = change.dataset.direction;
  };
  return { node, choice, show };
}

function sparklineBox(line) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 60 20");
  svg.setAttribute("class", "sparkline");
  svg.setAttribute("aria-hidden", "true");
  svg.append(line);
  return svg;
}

/** "+1.2 % in 24 h" without the span of time, which the picker's text names. */
export function changeText(changePercent) {
  const text = percent(Number(changePercent) / 100);
  return Number(changePercent) > 0 ? `+${text}` : text;
}

function directionOf(changePercent) {
  if (changePercent === null || Number(changePercent) === 0) return "";
  return Number(changePercent) < 0 ? "down" : "up";
}
