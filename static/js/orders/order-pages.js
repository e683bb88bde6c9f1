/** Reads the list page by page, newest first. */

import { listOrders } from "../lib/api.js";

const PAGE = 25;
const MOST_A_PAGE = 100;

/** Orders in any of `statuses`; `more()` gives the next records, `ended` tells of the last. */
export class OrderPages {
  #parameters;
  #cursor = null;
  ended = false;

  constructor(statuses, parameters) {
    this.#parameters = { ...parameters, status: statuses.join() };
  }

  /** All of them or none: what failed is read again by the next call. */
  async more(count = PAGE) {
    const records = [];
    let [cursor, ended] = [this.#cursor, this.ended];
    while (records.length < count && !ended) {
      const limit = Math.min(MOST_A_PAGE, count - records.length);
      const answer = await listOrders({ ...this.#parameters, cursor, limit });
      records.push(...answer.orders);
      cursor = answer.nextCursor;
      ended = !cursor;
    }
    [this.#cursor, this.ended] = [cursor, ended];
    return records;
  }
}

export function newestFirst(a, b) {
  return b.createdAt.localeCompare(a.createdAt) || b.orderId.localeCompare(a.orderId);
}
