/** Reads the list page by page, over several statuses at once, newest first. */

import { listOrders } from "./api.js";

const PAGE = 25;

/** Asks for orders in any of `statuses`; `more()` gives the next records, `ended` tells of the last. */
export class OrderPages {
  #parameters;
  #sources;

  constructor(statuses, parameters) {
    this.#parameters = parameters;
    this.#sources = statuses.map((status) => ({ status, cursor: null, ended: false, read: [] }));
  }

  get ended() {
    return this.#sources.every((source) => source.ended && !source.read.length);
  }

  /** The next newest records over all statuses. */
  async more(count = PAGE) {
    await Promise.all(this.#sources.map((source) => this.#fill(source, count)));
    const merged = this.#sources.flatMap((source) => source.read).sort(newestFirst).slice(0, count);
    const given = new Set(merged);
    for (const source of this.#sources) source.read = source.read.filter((record) => !given.has(record));
    return merged;
  }

  async #fill(source, count) {
    while (source.read.length < count && !source.ended) {
      const { status, cursor } = source;
      const answer = await listOrders({ ...this.#parameters, status, cursor, limit: Math.min(100, count) });
      source.read.push(...answer.orders);
      source.cursor = answer.nextCursor;
      source.ended = !answer.nextCursor;
    }
  }
}

export function newestFirst(a, b) {
  return b.createdAt.localeCompare(a.createdAt) || b.orderId.localeCompare(a.orderId);
}
