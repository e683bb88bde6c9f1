/** The one-cancels-other groups of orders: which orders belong together. */

import { listOrders } from "../lib/api.js";
import { fromRecord, newestFirst } from "./order-state.js";

const MAX_MEMBERS = 20;

/** All orders of a group, oldest first; null if it cannot be read. */
export async function readGroup(ocoGroup, list = listOrders) {
  const answer = await list({ ocoGroup, limit: MAX_MEMBERS }).catch(() => null);
  return answer ? answer.orders.map(fromRecord).sort(newestFirst).reverse() : null;
}

/** The groups of a store's orders. Event: "change" with {members} when one of a group changed. */
export class OrderGroups extends EventTarget {
  #store;
  #list;
  #members = new Map(); // group -> ids of its orders
  #asked = new Set();

  constructor(store, list = listOrders) {
    super();
    this.#store = store;
    this.#list = list;
    store.addEventListener("change", ({ detail: { order } }) => this.#noted(order));
  }

  /** The orders of `order`'s group that are known, oldest first; others are asked for, once. */
  membersOf({ ocoGroup }) {
    if (!this.#asked.has(ocoGroup)) this.#ask(ocoGroup);
    const ids = this.#members.get(ocoGroup) ?? [];
    const known = [...ids].map((id) => this.#store.get(id)).filter(Boolean);
    return known.sort(newestFirst).reverse();
  }

  /** Forgets what belongs to another account. */
  clear() {
    this.#members.clear();
    this.#asked.clear();
  }

  #noted(order) {
    const { ocoGroup, orderId } = order;
    if (!ocoGroup) return;
    if (!this.#members.has(ocoGroup)) this.#members.set(ocoGroup, new Set());
    this.#members.get(ocoGroup).add(orderId);
    const members = this.membersOf(order);
    this.dispatchEvent(new CustomEvent("change", { detail: { members } }));
  }

  async #ask(ocoGroup) {
    this.#asked.add(ocoGroup);
    const answer = await this.#list({ ocoGroup, limit: MAX_MEMBERS }).catch(() => null);
    if (!answer) this.#asked.delete(ocoGroup);
    for (const record of answer?.orders ?? []) this.#store.put(record);
  }
}
