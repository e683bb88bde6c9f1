/**
 * Draws the history's rows, its sorting and its totals. A row stays the same node while its order
 * changes, so that it keeps the focus.
 */

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
  #nodes = new Map(); // orderId -> {order, node}
  #box = document.querySelector(".table-box");
  #body = byId("history-rows");
  #heads = [...document.querySelectorAll("th[data-column]")];

  constructor() {
    for (const head of this.#heads)
      head.firstElementChild.addEventListener("click", () => this.#sortBy(head.dataset.column));
    this.#markSorted();
  }

  /**
   * Shows these rows instead. `none` is said where there are none. `marksNew` marks those that
   * were not there before, and keeps in place what the user looks at.
   */
  show(rows, { none, marksNew = false }) {
    this.#rows = rows;
    if (marksNew) this.#inPlace(() => this.#draw(none, marksNew));
    else this.#draw(none);
    const totals = totalsOf(rows);
    setText(byId("history-totals"), totalsText(totals));
    setText(byId("history-paid"), usd(totals.paidUsd));
    setText(byId("history-received"), usd(totals.receivedUsd));
  }

  #draw(none, marksNew = false) {
    const known = this.#nodes;
    this.#nodes = new Map();
    const nodes = sortRows(this.#rows, this.#sort).map((order) => {
      const { orderId } = order;
      const node = known.has(orderId) ? changed(known.get(orderId), order) : row(order, marksNew);
      this.#nodes.set(orderId, { order, node });
      return node;
    });
    const empty = element("td", { colSpan: COLUMNS, className: "none" }, none ?? "");
    replaceRows(this.#body, nodes.length ? nodes : [element("tr", {}, empty)]);
  }

  /** Draws, and scrolls so that the first row in sight stays where it is; at the top, new ones show. */
  #inPlace(draw) {
    const top = this.#box.getBoundingClientRect().top;
    const inSight = this.#box.scrollTop
      ? [...this.#body.children].find((node) => node.getBoundingClientRect().top >= top)
      : null;
    const before = inSight?.getBoundingClientRect().top;
    draw();
    if (inSight?.isConnected) this.#box.scrollTop += inSight.getBoundingClientRect().top - before;
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

/** Puts these rows into the table; those that are there already move only if they have to. */
function replaceRows(body, nodes) {
  const focused = document.activeElement;
  const wanted = new Set(nodes);
  for (const node of [...body.children]) if (!wanted.has(node)) node.remove();
  let at = body.firstElementChild;
  for (const node of nodes) {
    if (node === at) at = at.nextElementSibling;
    else at ? at.before(node) : body.append(node);
  }
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

function row(order, isNew) {
  const link = element(
    "a",
    { href: `/orders/${encodeURIComponent(order.orderId)}` },
    dateTime(order.createdAt),
  );
  const head = element("th", { scope: "row" }, link);
  const node = element("tr", { className: isNew ? "fresh" : "" }, head, ...cells(order));
  // Moved to another place, the row would play it again.
  node.addEventListener("animationend", () => node.classList.remove("fresh"), { once: true });
  return node;
}

/** The row of an order, after what has changed since it was drawn. */
function changed({ order: drawn, node }, order) {
  if (drawn !== order) node.replaceChildren(node.firstElementChild, ...cells(order));
  return node;
}

function cells(order) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  return [
    element("td", {}, chip(order)),
    element("td", {}, TYPE_NAMES[order.type] ?? order.type),
    element("td", {}, `${tokenIn} → ${tokenOut}`),
    number(order.status === "confirmed" ? amountElement(order.amountIn, tokenIn) : "–"),
    number(order.amountOut == null ? "–" : amountElement(order.amountOut, tokenOut)),
    number(price(order.executedPrice, tokenIn, tokenOut)),
    number(money(order.amountInUsd)),
    number(money(order.amountOutUsd)),
    element("td", {}, venueName(order.dexUsed)),
  ];
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
