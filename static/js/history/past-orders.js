/**
 * The orders that have ended, as far back as they were asked for, kept right while others end.
 */

import { OrderPages } from "../orders/order-pages.js";
import { isTerminal, newestFirst } from "../orders/order-state.js";
import { matches } from "./history-rows.js";

const READ_AT_ONCE = 500;
const SPARE = 500; // Live rows beyond those asked for; with more, the oldest rows leave.

/** Events: "change" when rows came or changed by themselves. */
export class PastOrders extends EventTarget {
  #store;
  #list;
  #query = null;
  #pages = null;
  #rows = new Map();
  #wanted = 0;
  #oldest = null;
  #turn = null;
  #trimming = null;

  /** `store` follows the live events; `list` reads one page of orders. */
  constructor(store, list) {
    super();
    this.#store = store;
    this.#list = list;
    store.addEventListener("change", ({ detail: { order } }) => this.#changed(order));
    store.addEventListener("stale", () => this.refresh());
  }

  /** The orders read so far, in no order. */
  get rows() {
    return [...this.#rows.values()];
  }

  /** Whether there are no older ones. */
  get ended() {
    return this.#pages?.ended ?? false;
  }

  /** Begins anew with the orders that `query`, made by `historyQuery`, names. */
  start(query) {
    this.#query = query;
    this.#turn = Promise.resolve(); // What is still being read is for another query.
    this.#pages = this.#newPages();
    this.#rows.clear();
    this.#wanted = 0;
    this.#oldest = null;
    return this.more();
  }

  /** Reads older ones. Resolves to false if the list has begun anew meanwhile. */
  more() {
    return this.#inTurn(async (isCurrent) => {
      const records = await this.#pages.more(READ_AT_ONCE);
      if (!isCurrent()) return;
      this.#wanted += READ_AT_ONCE;
      this.#take(records);
    });
  }

  /** Reads the rows again: events may have been missed. After a failure they are as they were. */
  async refresh() {
    if (this.#query) await this.#readAgain(() => Math.max(this.#wanted, this.#rows.size));
  }

  #readAgain(count) {
    const read = this.#inTurn(async (isCurrent) => {
      const pages = this.#newPages();
      const before = [...this.#rows.keys()];
      const records = await pages.more(count() || READ_AT_ONCE);
      if (!isCurrent()) return;
      this.#pages = pages;
      this.#wanted ||= READ_AT_ONCE;
      for (const id of before) this.#rows.delete(id);
      this.#take(records);
      this.dispatchEvent(new Event("change"));
    });
    return read.catch(() => null);
  }

  /** One reading after the other, so that none goes on from a page that another has replaced. */
  #inTurn(read) {
    const query = this.#query;
    const isCurrent = () => query === this.#query;
    const mine = this.#turn
      .then(() => read(isCurrent))
      .then(isCurrent, (problem) => {
        if (isCurrent()) throw problem;
        return false;
      });
    this.#turn = mine.catch(() => null);
    return mine;
  }

  #newPages() {
    const { status, ...terms } = this.#query;
    return new OrderPages(status.split(","), terms, this.#list);
  }

  #take(records) {
    if (records.length) this.#oldest = records.at(-1);
    for (const record of records) this.#rows.set(record.orderId, this.#store.put(record));
  }

  #changed(order) {
    const known = this.#rows.has(order.orderId);
    if (!known && !this.#belongs(order)) return;
    this.#rows.set(order.orderId, order);
    if (this.#rows.size > this.#wanted + SPARE) this.#trim();
    this.dispatchEvent(new Event("change"));
  }

  #trim() {
    this.#trimming ??= this.#readAgain(() => this.#wanted).finally(() => {
      this.#trimming = null;
    });
  }

  /** Whether the order ended as the query names it, and is none that comes with a later page. */
  #belongs(order) {
    if (!this.#wanted || !isTerminal(order) || !matches(order, this.#query)) return false;
    return this.ended || !this.#oldest || newestFirst(order, this.#oldest) < 0;
  }
}
