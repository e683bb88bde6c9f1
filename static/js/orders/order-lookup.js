/** Reads the records of orders that the order store knows by their events alone. */

const ROUND_MS = 200;
const SLOWEST_ROUND_MS = 5000;
const LIST_FROM = 4; // From so many orders on, the newest pages of the list are read first.
const PAGES = 3;
const PAGE = 100;
const READS_A_ROUND = 20;

/** Collects ids for a moment, then reads their records in rounds of bounded size. */
export class OrderLookup {
  #api;
  #onFound;
  #onUnknown;
  #wanted = new Set();
  #delayMs = ROUND_MS;
  #timer = null;

  /** Calls `onFound(record)` for each order that was read, `onUnknown(id)` if there is none. */
  constructor(api, { onFound, onUnknown }) {
    this.#api = api;
    this.#onFound = onFound;
    this.#onUnknown = onUnknown;
  }

  add(id) {
    this.#wanted.add(id);
    this.#timer ??= setTimeout(() => this.#round(), this.#delayMs);
  }

  clear() {
    this.#wanted.clear();
  }

  /** What could not be read for the moment is read again; each such round comes later. */
  async #round() {
    const wanted = new Set(this.#wanted);
    this.#wanted.clear();
    if (wanted.size >= LIST_FROM) await this.#readList(wanted);
    const ids = [...wanted];
    const reads = ids.slice(0, READS_A_ROUND).map((id) => this.#readOne(id));
    const failed = (await Promise.all(reads)).filter((id) => id !== null);
    this.#delayMs = failed.length ? Math.min(2 * this.#delayMs, SLOWEST_ROUND_MS) : ROUND_MS;
    for (const id of [...failed, ...ids.slice(READS_A_ROUND)]) this.#wanted.add(id);
    this.#timer = this.#wanted.size ? setTimeout(() => this.#round(), this.#delayMs) : null;
  }

  async #readList(wanted) {
    let cursor = null;
    for (let page = 0; page < PAGES && wanted.size; page += 1) {
      const answer = await this.#api.listOrders({ limit: PAGE, cursor }).catch(() => null);
      if (!answer) return;
      for (const record of answer.orders) if (wanted.delete(record.orderId)) this.#onFound(record);
      cursor = answer.nextCursor;
      if (!cursor) return;
    }
  }

  /** The id if it has to be read again, else null. */
  async #readOne(id) {
    let record;
    try {
      record = await this.#api.readOrder(id);
    } catch (problem) {
      if (problem.retryable) return id;
      this.#onUnknown(id);
      return null;
    }
    this.#onFound(record);
    return null;
  }
}
