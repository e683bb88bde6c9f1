/** Draws the history's rows, its sorting and its totals. */

import { amountElement, byId, element, icon, setText } from "../lib/elements.js";
import { amount, dateTime, plainDecimal, usd, venueName } from "../lib/format.js";
import { directionOf, shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { ICONS, LABELS, TYPE_NAMES } from "../orders/status-text.js";
import { sortRows, totalsOf, totalsText } from "./history-rows.js";

const COLUMNS = 10;

export class HistoryTable {
  #rows = [];
  #sort = { column: "createdAt", descending: true };
  #heads = [...document.querySelectorAll("th[data-column]")];

  constructor() {
    for (const head of this.#heads)
      head.firstElementChild.addEventListener("click", () => this.#sortBy(head.dataset.column));
    this.#markSorted();
  }

  /** Replaces all rows. `none` is said where there are none. */
  show(rows, none) {
    this.#rows = rows;
    this.#draw(none);
    const totals = totalsOf(rows);
    setText(byId("history-totals"), totalsText(totals));
    setText(byId("history-paid"), usd(totals.paidUsd));
    setText(byId("history-received"), usd(totals.receivedUsd));
  }

  #draw(none) {
    const empty = element("td", { colSpan: COLUMNS, className: "none" }, none ?? "");
    const rows = this.#rows.length
      ? sortRows(this.#rows, this.#sort).map(row)
      : [element("tr", {}, empty)];
    byId("history-rows").replaceChildren(...rows);
  }

  #sortBy(column) {
    const same = column === this.#sort.column;
    this.#sort = { column, descending: same ? !this.#sort.descending : true };
    this.#markSorted();
    if (this.#rows.length) this.#draw();
  }

  #markSorted() {
    for (const head of this.#heads) {
      const sorted = head.dataset.column === this.#sort.column;
      if (sorted) head.ariaSort = this.#sort.descending ? "descending" : "ascending";
      else head.removeAttribute("aria-sort");
    }
  }
}

function row(order) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  const link = element(
    "a",
    { href: `/orders/${encodeURIComponent(order.orderId)}` },
    dateTime(order.createdAt),
  );
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, link),
    element("td", {}, chip(order)),
    element("td", {}, TYPE_NAMES[order.type] ?? order.type),
    element("td", {}, `${tokenIn} → ${tokenOut}`),
    number(order.status === "confirmed" ? amountElement(order.amountIn, tokenIn) : "–"),
    number(order.amountOut == null ? "–" : amountElement(order.amountOut, tokenOut)),
    number(price(order.executedPrice, tokenIn, tokenOut)),
    number(money(order.amountInUsd)),
    number(money(order.amountOutUsd)),
    element("td", {}, venueName(order.dexUsed)),
  );
}

function chip({ status }) {
  return element(
    "span",
    { className: "status-chip", dataset: { look: status } },
    icon(ICONS[status]),
    LABELS[status],
  );
}

/** The way round that people say it; the unit stands in its title. */
function price(executed, tokenIn, tokenOut) {
  if (executed == null) return "–";
  const direction = directionOf(tokenIn, tokenOut);
  const title = `${plainDecimal(executed)} ${tokenOut} per ${tokenIn}`;
  const shown = `${amount(shownPrice(executed, direction))} ${direction.quote}`;
  return element("data", { value: plainDecimal(executed), title }, shown);
}

function money(value) {
  return value == null ? "–" : element("data", { value: plainDecimal(value) }, usd(value));
}

function number(content) {
  return element("td", { className: "number" }, content);
}
