/** The queue's figures as the operations page words them. */

import { duration, percent } from "../lib/format.js";

const NONE = "–";
const counts = new Intl.NumberFormat("en");

export function countText(value) {
  return counts.format(value);
}

/** A gauge's text: a count, or a span of time for the oldest waiting order. */
export function gaugeText(name, value) {
  if (value == null) return NONE;
  return name === "oldestWaitingSeconds" ? duration(Number(value) * 1000) : countText(value);
}

/** The share of confirmed orders among the finished ones. */
export function successRate({ completed, failed }) {
  const finished = completed + failed;
  return finished ? percent(completed / finished, 1) : NONE;
}

/** Failures as [{name, count, total}], the most frequent first. */
export function failureRows(failuresByCode) {
  const rows = Object.entries(failuresByCode).sort(([, one], [, other]) => other - one);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  return rows.map(([code, count]) => ({ name: code.replaceAll("_", " "), count, total }));
}
