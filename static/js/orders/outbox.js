/**
 * Orders on their way to the server. Each is stored with its Idempotency-Key before it is sent, so
 * that a reload, a lost answer or a restart of the server sends the same order again, never another.
 */

import { placeOrder } from "../lib/api.js";
import { scope } from "../lib/session.js";
import { remember } from "./own-orders.js";

const KEY = "orders.outbox";
const RESENDABLE_MS = 240_000; // The server remembers a key for five minutes.
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

/** Events: "change"; "placed" with {orderId, order}; "refused" and "unclear" with {order, problem}. */
export class Outbox extends EventTarget {
  #sending = new Map(); // key -> {entry, note}

  /** What is being sent, with a note on how it goes. */
  get sending() {
    return [...this.#sending.values()];
  }

  /** Stores the order, then sends it until there is an answer. */
  submit(order) {
    const entry = { key: crypto.randomUUID(), order, scope: scope(), at: Date.now() };
    write([...read(), entry]);
    return this.#send(entry);
  }

  /** Sends again what an earlier page left without an answer. */
  resume() {
    for (const entry of read()) {
      if (entry.scope !== scope() || this.#sending.has(entry.key)) continue;
      if (Date.now() - entry.at < RESENDABLE_MS) this.#send(entry);
      else this.#giveUp(entry);
    }
  }

  async #send(entry) {
    let wait = FIRST_WAIT_MS;
    for (;;) {
      this.#note(entry, "Sending");
      try {
        const { orderId } = await placeOrder(entry.order, entry.key);
        this.#forget(entry);
        remember(orderId);
        return this.#tell("placed", { orderId, order: entry.order });
      } catch (problem) {
        if (!problem.passing) {
          this.#forget(entry);
          return this.#tell("refused", { order: entry.order, problem });
        }
        if (Date.now() - entry.at > RESENDABLE_MS) return this.#giveUp(entry);
        this.#note(entry, `${problem.message} Trying again.`);
        await new Promise((done) =>
          setTimeout(done, Math.max(wait, (problem.retryAfterS ?? 0) * 1000)),
        );
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    }
  }

  #note(entry, note) {
    this.#sending.set(entry.key, { entry, note });
    this.#tell("change");
  }

  #forget(entry) {
    write(read().filter(({ key }) => key !== entry.key));
    this.#sending.delete(entry.key);
    this.#tell("change");
  }

  /** Too late to send it again safely: the server may have forgotten the key. */
  #giveUp(entry) {
    this.#forget(entry);
    this.#tell("unclear", { order: entry.order });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function write(entries) {
  localStorage.setItem(KEY, JSON.stringify(entries));
}
