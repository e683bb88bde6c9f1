/** One order and its whole history, without gaps even after a reconnection. */

import { readHistory, readOrder } from "../lib/api.js";
import { applyEvent, fromRecord, isTerminal } from "./order-state.js";

/** Events: "change" with {order, history, live}; "missing" with the problem. */
export class OrderWatch extends EventTarget {
  #id;
  #live;
  #api;
  #record = null;
  #history = [];
  #catchingUp = null;

  /** `live` carries the events; `api` is asked for what they do not tell. */
  constructor(orderId, live, api = { readHistory, readOrder }) {
    super();
    this.#id = orderId;
    this.#live = live;
    this.#api = api;
    live.addEventListener("connected", () => this.catchUp());
    live.addEventListener("resync", () => this.catchUp());
    live.addEventListener(
      "order_update",
      ({ detail }) => detail.orderId === orderId && this.#receive(detail),
    );
  }

  /** The record as the API gives it, with its history. */
  get raw() {
    return { ...this.#record, history: this.#history };
  }

  /** Reads the order over HTTP, where numbers keep every digit. */
  async read() {
    try {
      const [record, { history }] = await Promise.all([
        this.#api.readOrder(this.#id),
        this.#api.readHistory(this.#id),
      ]);
      this.#record = record;
      if (history.length >= this.#history.length) this.#history = history;
      this.#changed(false);
    } catch (problem) {
      if (!this.#record) this.dispatchEvent(new CustomEvent("missing", { detail: problem }));
    }
  }

  /** Joins the order's room and takes in what was missed; one call at a time. */
  catchUp() {
    this.#catchingUp ??= this.#subscribe().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  async #subscribe() {
    const answer = await this.#live
      .ask("subscribe", { orderId: this.#id, afterSequence: this.#history.length })
      .catch(() => null);
    if (!answer) return;
    if (!answer.ok) {
      if (!this.#record) this.dispatchEvent(new CustomEvent("missing", { detail: answer }));
      return;
    }
    this.#record ??= answer.order;
    for (const event of answer.history) this.#take(event);
    this.#changed(false);
    if (answer.history.length) this.read();
  }

  #receive(event) {
    if (event.sequence > this.#history.length + 1) return this.catchUp();
    if (!this.#take(event)) return;
    this.#changed(true);
    if (isTerminal(event)) this.read();
  }

  /** Sequences count from 1 without gaps, so the history's length is the last one seen. */
  #take(event) {
    if (event.sequence !== this.#history.length + 1) return false;
    this.#history = [...this.#history, event];
    return true;
  }

  #changed(live) {
    if (!this.#record) return;
    const start = { ...fromRecord(this.#record), sequence: 0 };
    const order = this.#history.reduce(applyEvent, start);
    this.dispatchEvent(
      new CustomEvent("change", { detail: { order, history: this.#history, live } }),
    );
  }
}
