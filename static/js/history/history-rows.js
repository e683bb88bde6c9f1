/** Rows of the history: how they sort, and what they add up to. */

import { sum } from "../lib/exact-amount.js";
import { plainDecimal } from "../lib/format.js";
import { directionOf, shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";

const NUMBERS = new Set(["amountIn", "amountOut", "amountInUsd", "amountOutUsd"]);

/** A copy of the rows by a column: numbers by size, all else as text; what is not known is last. */
export function sortRows(rows, { column, descending }) {
  const value = (row) => cellValue(row, column);
  const known = rows.filter((row) => value(row) !== null);
  const unknown = rows.filter((row) => value(row) === null);
  known.sort((one, other) => compare(value(one), value(other)) || byTime(one, other));
  return [...(descending ? known.reverse() : known), ...unknown];
}

function cellValue(row, column) {
  if (column === "pair") return `${row.tokenIn} ${row.tokenOut}`;
  const value = row[column] ?? null;
  if (value !== null && column === "executedPrice") return shownNumber(value, row);
  return value !== null && NUMBERS.has(column) ? Number(value) : value;
}

function shownNumber(price, { tokenIn, tokenOut }) {
  return Number(shownPrice(price, directionOf(tokenName(tokenIn), tokenName(tokenOut))));
}

function compare(one, other) {
  return typeof one === "number" ? one - other : one.localeCompare(other);
}

function byTime(one, other) {
  return one.createdAt.localeCompare(other.createdAt);
}

/** How many rows ended how, and what the fills were worth: exact decimals, or null without a fill. */
export function totalsOf(rows) {
  const counts = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  const worth = (name) => {
    const known = rows.map((row) => row[name] ?? null).filter((value) => value !== null);
    return known.length ? sum(known.map(plainDecimal)) : null;
  };
  return { counts, paidUsd: worth("amountInUsd"), receivedUsd: worth("amountOutUsd") };
}

/** "214 orders: 200 confirmed, 14 failed". */
export function totalsText({ counts }) {
  const all = Object.values(counts).reduce((one, other) => one + other, 0);
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const orders = all === 1 ? "1 order" : `${all} orders`;
  return parts.length ? `${orders}: ${parts.join(", ")}` : orders;
}

/**
 * The API's filters for the texts of the form. Days are those of this computer: `from` begins its
 * day, `to` ends with its day.
 */
export function historyQuery({ from, to, status, ...terms }, ended) {
  return {
    ...terms,
    status: status || ended.join(),
    from: from ? startOfDay(from).toISOString() : "",
    to: to ? startOfDay(to, 1).toISOString() : "",
  };
}

/** Why nothing is in a table without rows, for the texts of the form. */
export function noneText(typed) {
  if (typed.from && typed.to && typed.from > typed.to)
    return "The first day is after the last: there is no day between them.";
  return Object.values(typed).some(Boolean)
    ? "No order matches these filters."
    : "No order has ended yet.";
}

/** Whether the order is among those that a query of `historyQuery` asks the API for. */
export function matches(order, { status, type, tokenIn, tokenOut, from, to }) {
  const placed = Date.parse(order.createdAt);
  return (
    status.split(",").includes(order.status) &&
    (!type || type === order.type) &&
    (!tokenIn || tokenIn === tokenName(order.tokenIn)) &&
    (!tokenOut || tokenOut === tokenName(order.tokenOut)) &&
    (!from || placed >= Date.parse(from)) &&
    (!to || placed < Date.parse(to))
  );
}

/** The day, as a date field writes it, `back` days before `now`. */
export function dayBefore(back, now = new Date()) {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function startOfDay(text, later = 0) {
  const [year, month, day] = text.split("-").map(Number);
  return new Date(year, month - 1, day + later);
}
