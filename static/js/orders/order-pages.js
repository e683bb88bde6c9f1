/** Reads the list page by page, newest first. */

import { listOrders } from "../lib/api.js";

export const PAGE = 25;
const MAX_PAGE_SIZE = 100;

/** Orders in any of `statuses`; `ended` is true once `more()` has given the last one. */
export class OrderPages {
  #parameters;
  #list;
  #cursor = null;
  ended = false;

  /** `list` reads one page of orders. */
  constructor(statuses, parameters, list = listOrders) {
    this.#list = list;
    this.#parameters = { ...parameters, status: statuses.join() };
  }

  /** The next `count` records, or fewer at the end. If it fails, the next call reads them again. */
  async more(count = PAGE) {
    const records = [];
    let [cursor, ended] = [this.#cursor, this.ended];
    while (records.length < count && !ended) {
      const limit = Math.min(MAX_PAGE_SIZE, count - records.length);
      const answer = await this.#list({ ...this.#parameters, cursor, limit });
      records.push(...answer.orders);
      cursor = answer.nextCursor;
      ended = !cursor;
    }
    [this.#cursor, this.ended] = [cursor, ended];
    return records;
  }
}
