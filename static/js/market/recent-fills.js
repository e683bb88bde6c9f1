/** The last fills of the pair on the chart. Lists load only the orders they show; marks need more. */

import { listOrders } from "../lib/api.js";
import { scope } from "../lib/session.js";

const READ_AT_ONCE = 100; // The API's largest page.

export class RecentFills {
  #store;
  #outside;
  #pair = null;
  #key = ""; // Of the pair whose fills are known or being read.

  /** Fills go into `store`; after each connection of `live` those missed are read. */
  constructor(store, live, outside = {}) {
    this.#store = store;
    this.#outside = { listOrders, scope, ...outside };
    live.addEventListener("connected", () => this.#pair && this.#read());
  }

  /** Reads the fills of this pair, in both directions, unless they are known. */
  async follow({ tokenIn, tokenOut }) {
    const key = [tokenIn, tokenOut].sort().join();
    if (key === this.#key) return;
    this.#pair = [tokenIn, tokenOut];
    this.#key = key;
    if (!(await this.#read()) && this.#key === key) this.#key = "";
  }

  /** Whether it could be read. */
  async #read() {
    const whose = this.#outside.scope();
    const [one, other] = this.#pair;
    try {
      const pages = await Promise.all([this.#page(one, other), this.#page(other, one)]);
      if (this.#outside.scope() !== whose) return false;
      for (const record of pages.flat()) this.#store.put(record);
      return true;
    } catch {
      return false; // The chart is of use without marks; the next connection reads them.
    }
  }

  async #page(tokenIn, tokenOut) {
    const wanted = { status: "confirmed", tokenIn, tokenOut, limit: READ_AT_ONCE };
    return (await this.#outside.listOrders(wanted)).orders;
  }
}
