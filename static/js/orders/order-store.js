/**
 * All orders this page knows, kept right: events count once and in order, gaps are filled from the
 * stored history, and everything is read again after a connection was lost.
 */

import { listOrders, readHistory, readOrder } from "../lib/api.js";
import { applyEvent, fit, fromRecord, isNewer, isUnexplained, mergeRecord } from "./order-state.js";

const LOOKUP_DELAY_MS = 200;
const LOOKUP_PAGES = 3;
const LOOKUP_PAGE = 100;
const LOOKUP_SINGLY = 20;

/** Events: "change" with {order, previous, live}; "stale" when lists must be read again. */
export class OrderStore extends EventTarget {
  #live;
  #api;
  #orders = new Map();
  #waiting = new Map(); // orderId -> events that came before the order itself or during a repair
  #unknown = new Set();
  #looking = null;

  /** `live` carries the events; `api` is asked for what they do not tell. */
  constructor(live, api = { listOrders, readHistory, readOrder }) {
    super();
    this.#live = live;
    this.#api = api;
    live.addEventListener("order_update", ({ detail }) => this.#receive(detail));
    live.addEventListener("connected", () => this.#join());
    live.addEventListener("resync", () => this.#goStale());
  }

  get(id) {
    return this.#orders.get(id);
  }

  all() {
    return this.#orders.values();
  }

  clear() {
    this.#orders.clear();
    this.#waiting.clear();
    this.#unknown.clear();
  }

  /** Takes a record in, unless events have already told more. `live`: the order is news. */
  put(record, live = false) {
    const known = this.#orders.get(record.orderId);
    if (known && !isNewer(record, known)) return known;
    const order = known ? mergeRecord(known, record) : fromRecord(record);
    this.#set(order, live);
    this.#replayWaiting(order.orderId);
    if (isUnexplained(this.get(order.orderId))) this.#explain(order);
    return this.get(order.orderId);
  }

  /** A record doesn't hold the reason of a retry: its last event does. */
  async #explain({ orderId, sequence }) {
    const answer = await this.#api.readHistory(orderId, sequence - 1).catch(() => null);
    const event = answer?.history[0];
    const order = this.#orders.get(orderId);
    if (event && order?.sequence === event.sequence) this.#set(applyEvent(order, event), false);
  }

  async #join() {
    try {
      await this.#live.ask("subscribe_orders");
    } catch {
      return; // The connection went away again; the next one joins.
    }
    this.#goStale();
  }

  /** Feed events may have been missed: whoever shows lists reads them again. */
  #goStale() {
    this.dispatchEvent(new Event("stale"));
  }

  #receive(event) {
    const order = this.#orders.get(event.orderId);
    if (!order) return this.#lookUpLater(event);
    if (this.#waiting.has(event.orderId)) return this.#waiting.get(event.orderId).push(event);
    const place = fit(order, event);
    if (place === "next") this.#set(applyEvent(order, event), true);
    if (place === "gap") this.#repair(order, event);
  }

  /** Reads the events between what is known and `event`, then goes on with those that came since. */
  async #repair(order, event) {
    const { orderId } = order;
    this.#waiting.set(orderId, [event]);
    // A gap that can't be filled now is found again at the next event or reading of the list.
    const answer = await this.#api.readHistory(orderId, order.sequence).catch(() => null);
    for (const missed of answer?.history ?? []) this.#applyStored(missed);
    this.#replayWaiting(orderId);
  }

  #applyStored(event) {
    const order = this.#orders.get(event.orderId);
    if (order && fit(order, event) === "next") this.#set(applyEvent(order, event), false);
  }

  #replayWaiting(orderId) {
    const events = this.#waiting.get(orderId);
    if (!events) return;
    this.#waiting.delete(orderId);
    for (const event of events) {
      const order = this.#orders.get(orderId);
      if (order && fit(order, event) === "next") this.#set(applyEvent(order, event), true);
    }
  }

  #lookUpLater(event) {
    const { orderId } = event;
    if (!this.#waiting.has(orderId)) this.#waiting.set(orderId, []);
    this.#waiting.get(orderId).push(event);
    this.#unknown.add(orderId);
    this.#looking ??= setTimeout(() => this.#lookUp(), LOOKUP_DELAY_MS);
  }

  /** Orders placed elsewhere: a few are read singly, many from the newest pages of the list. Those
   * that have already left these pages are read singly too, some in each round. */
  async #lookUp() {
    const wanted = new Set(this.#unknown);
    this.#unknown.clear();
    try {
      if (wanted.size > 3) await this.#lookThroughPages(wanted);
      await Promise.all([...wanted].slice(0, LOOKUP_SINGLY).map((id) => this.#lookUpOne(id)));
    } finally {
      const [tried, left] = [[...wanted].slice(0, LOOKUP_SINGLY), [...wanted].slice(LOOKUP_SINGLY)];
      for (const id of tried) if (!this.#orders.has(id)) this.#waiting.delete(id);
      for (const id of left) this.#unknown.add(id); // They take their turn.
      this.#looking = this.#unknown.size ? setTimeout(() => this.#lookUp(), LOOKUP_DELAY_MS) : null;
    }
  }

  async #lookThroughPages(wanted) {
    let cursor = null;
    for (let page = 0; page < LOOKUP_PAGES && wanted.size; page += 1) {
      const answer = await this.#api.listOrders({ limit: LOOKUP_PAGE, cursor }).catch(() => null);
      if (!answer) return;
      for (const record of answer.orders) if (wanted.delete(record.orderId)) this.put(record, true);
      cursor = answer.nextCursor;
      if (!cursor) return;
    }
  }

  async #lookUpOne(id) {
    const record = await this.#api.readOrder(id).catch(() => null);
    if (record) this.put(record, true);
  }

  #set(order, live) {
    const previous = this.#orders.get(order.orderId);
    this.#orders.set(order.orderId, order);
    this.dispatchEvent(new CustomEvent("change", { detail: { order, previous, live } }));
  }
}
