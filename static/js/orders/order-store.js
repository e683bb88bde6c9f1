/**
 * All orders this page knows. Each event is applied once and in order. Gaps are filled from the
 * stored history. After a lost connection, lists are told to read again.
 */

import { listOrders, readHistory, readOrder } from "../lib/api.js";
import { OrderLookup } from "./order-lookup.js";
import {
  applyEvent,
  checkSequence,
  fromRecord,
  isNewer,
  lacksRetryReason,
  lacksValues,
  mergeRecord,
} from "./order-state.js";

/** Events: "change" with {order, previous, live}; "stale" when lists must be read again. */
export class OrderStore extends EventTarget {
  #live;
  #api;
  #orders = new Map();
  #waiting = new Map(); // orderId -> events that came before the order itself or during a repair
  #lookup;

  /** `live` carries the events; `api` is asked for what they do not tell. */
  constructor(live, api = { listOrders, readHistory, readOrder }) {
    super();
    this.#live = live;
    this.#api = api;
    this.#lookup = new OrderLookup(api, {
      onFound: (record) => this.put(record, true),
      onUnknown: (id) => this.#orders.has(id) || this.#waiting.delete(id),
    });
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
    this.#lookup.clear();
  }

  /** Takes in a record, unless it is older than what is known. `live`: it has just happened. */
  put(record, live = false) {
    const known = this.#orders.get(record.orderId);
    if (known && !isNewer(record, known)) return this.#putAgain(known, record, live);
    const order = known ? mergeRecord(known, record) : fromRecord(record);
    this.#set(order, live);
    this.#replayWaiting(order.orderId);
    if (lacksRetryReason(this.get(order.orderId))) this.#explain(order);
    return this.get(order.orderId);
  }

  /**
   * What a fill was worth stands in the record alone, not in its event. What has just happened is
   * told even of an order that is known: a list of past fills may have been read first.
   */
  #putAgain(known, record, live) {
    const brings = known.sequence === record.sequence && lacksValues(known) && !lacksValues(record);
    const { amountInUsd, amountOutUsd } = record;
    const order = brings ? { ...known, amountInUsd, amountOutUsd } : known;
    if (brings || live) this.#set(order, live);
    return order;
  }

  /** Reads the reason of a retry, which the record lacks, from the last event. */
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

  /** Tells those who show lists to read again: events come late or not at all. */
  readAgain() {
    this.#goStale();
  }

  /** Events may have been missed: tells those who show lists to read again. */
  #goStale() {
    this.dispatchEvent(new Event("stale"));
  }

  #receive(event) {
    const order = this.#orders.get(event.orderId);
    if (!order) return this.#lookUpLater(event);
    if (this.#waiting.has(event.orderId)) return this.#waiting.get(event.orderId).push(event);
    const place = checkSequence(order, event);
    if (place === "next") {
      this.#set(applyEvent(order, event), true);
      if (lacksValues(this.get(event.orderId))) this.#lookup.add(event.orderId);
    }
    if (place === "gap") this.#repair(order, event);
  }

  /** Reads the events that are missing before `event`, then applies those that came since. */
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
    if (order && checkSequence(order, event) === "next") this.#set(applyEvent(order, event), false);
  }

  #replayWaiting(orderId) {
    const events = this.#waiting.get(orderId);
    if (!events) return;
    this.#waiting.delete(orderId);
    for (const event of events) {
      const order = this.#orders.get(orderId);
      if (order && checkSequence(order, event) === "next")
        this.#set(applyEvent(order, event), true);
    }
  }

  #lookUpLater(event) {
    const { orderId } = event;
    if (!this.#waiting.has(orderId)) this.#waiting.set(orderId, []);
    this.#waiting.get(orderId).push(event);
    this.#lookup.add(orderId);
  }

  #set(order, live) {
    const previous = this.#orders.get(order.orderId);
    this.#orders.set(order.orderId, order);
    this.dispatchEvent(new CustomEvent("change", { detail: { order, previous, live } }));
  }
}
