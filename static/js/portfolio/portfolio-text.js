/** The portfolio's figures as the page words them. */

import { percent, signedUsd } from "../lib/format.js";

/** "gain", "loss" or "even". */
export function direction(value) {
  const number = Number(value);
  if (number > 0) return "gain";
  return number < 0 ? "loss" : "even";
}

/** Profit or loss of the last day: "+$12.00 (+0.5 %) in 24 h". `changePercent` may be null. */
export function dayChange(change, changePercent) {
  const share = changePercent == null ? "" : ` (${signedPercent(Number(changePercent) / 100)})`;
  return `${signedUsd(change)}${share} in 24 h`;
}

function signedPercent(fraction) {
  return `${fraction > 0 ? "+" : ""}${percent(fraction)}`;
}

/** What the curve shows, for those who cannot see it; `points` as the API gives them. */
export function curveText(points) {
  if (points.length < 2) return "Equity curve: it begins now";
  const change = Number(points.at(-1).equityUsd) - Number(points[0].equityUsd);
  return `Equity curve: ${signedUsd(change.toFixed(2))} over the time shown`;
}
