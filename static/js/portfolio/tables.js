/** The rows of the portfolio's tables. */

import { amountElement, element } from "../lib/elements.js";
import { dateTime, percent, plainDecimal, signedUsd, usd, venueName } from "../lib/format.js";
import { ledgerLine } from "./ledger-text.js";
import { direction } from "./portfolio-text.js";

export function balanceRows(balances) {
  return sortedByValue(balances, "valueUsd").map((balance) =>
    row(
      head(balance.token),
      cell("Total", amountElement(balance.total, balance.token)),
      cell("In orders", Number(balance.held) ? amountElement(balance.held, balance.token) : "–"),
      cell("Available", amountElement(balance.available, balance.token)),
      cell("Value", money(balance.valueUsd)),
      cell("Share", percent(balance.share, 1)),
    ),
  );
}

/** `protect(position)` gives the button that protects it, or null. */
export function positionRows(positions, protect) {
  return sortedByValue(positions, "marketValueUsd").map((position) =>
    row(
      head(position.token),
      cell("Quantity", amountElement(position.quantity, position.token)),
      cell("Average cost", money(position.averageCostUsd)),
      cell("Price", money(position.priceUsd)),
      cell("Value", money(position.marketValueUsd)),
      cell("Unrealised", profit(position.unrealisedProfitUsd)),
      cell("Realised", profit(position.realisedProfitUsd)),
      cell("Protection", protect(position) ?? "–"),
    ),
  );
}

export function fillRow(fill) {
  const link = element(
    "a",
    { href: `/orders/${encodeURIComponent(fill.orderId)}` },
    dateTime(fill.filledAt),
  );
  return row(
    element("th", { scope: "row" }, link),
    cell("Paid", amountElement(fill.amountIn, fill.tokenIn)),
    cell("Received", amountElement(fill.amountOut, fill.tokenOut)),
    cell("Value", money(fill.valueUsd)),
    cell("Venue", venueName(fill.dex)),
  );
}

/** One transfer, as `wallet` sees it. */
export function ledgerRow(transfer, wallet) {
  const { what, changes, others } = ledgerLine(transfer, wallet);
  const link = { href: `/orders/${encodeURIComponent(transfer.orderId)}` };
  return row(
    head(dateTime(transfer.at)),
    cell("What", transfer.orderId ? element("a", link, what) : what),
    cell("Change", element("span", { className: "changes" }, ...changes.map(change))),
    cell("With", others.join(", ")),
  );
}

function change({ token, amount }) {
  const [sign, size] = amount.startsWith("-") ? ["−", amount.slice(1)] : ["+", amount];
  const shown = amountElement(size, token);
  shown.value = plainDecimal(amount);
  shown.prepend(sign);
  return shown;
}

/** A row that says why there are no others. */
export function emptyRow(columns, text) {
  return row(element("td", { colSpan: columns, className: "muted none" }, text));
}

/** Profit or loss in colour and with its sign. */
export function profit(value) {
  return element(
    "data",
    { value: plainDecimal(value), dataset: { direction: direction(value) } },
    signedUsd(value),
  );
}

function money(value) {
  if (value == null) return "–";
  return element("data", { value: plainDecimal(value) }, usd(value));
}

function sortedByValue(rows, name) {
  return rows.toSorted((one, other) => Number(other[name]) - Number(one[name]));
}

function row(...cells) {
  return element("tr", {}, ...cells);
}

function head(text) {
  return element("th", { scope: "row" }, text);
}

/** `label` stands beside the value where the screen is too narrow for a table head. */
function cell(label, content) {
  return element("td", { dataset: { label } }, content);
}
