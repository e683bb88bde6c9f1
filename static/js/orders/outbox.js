/**
 * Orders on their way to the server. Each is stored with its Idempotency-Key before it is sent:
 * after a reload, a lost answer or a restart of the server the same order is sent, never another.
 */

import { placeOrder } from "../lib/api.js";
import { scope } from "../lib/session.js";
import { readStored, writeStored } from "../lib/stored-json.js";
import { remember } from "./own-orders.js";

const KEY = "orders.outbox";
const RESENDABLE_MS = 240_000; // The server remembers a key for five minutes.
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 15_000;

/**
 * Events: "change"; "placed" with {orderId, order}; "refused" with {order, problem}; "waiting" with
 * {order, problem}, when it is to be sent again; "unclear" with {order}, when nobody knows whether
 * the server has it.
 */
export class Outbox extends EventTarget {
  #sending = new Map(); // key -> {entry, note, nextAt}
  #wakers = new Map(); // key -> ends the wait for the next try
  #outside;

  /** `outside` replaces what the outbox calls; tests hand in their own. */
  constructor(outside = {}) {
    super();
    this.#outside = { placeOrder, remember, scope, storage: null, wait, ...outside };
  }

  /** What is being sent, with a note on how it goes, and when it is tried again. */
  get sending() {
    return [...this.#sending.values()];
  }

  /** Stores the order, then sends it until there is an answer. */
  submit(order) {
    const scope = this.#outside.scope();
    const entry = { key: crypto.randomUUID(), order, scope, at: Date.now() };
    this.#write([...this.#read(), entry]);
    return this.#send(entry);
  }

  /** Sends again what an earlier page, or an earlier log-in, left without an answer. */
  resume() {
    for (const entry of this.#read()) {
      if (!this.#isOurs(entry) || this.#sending.has(entry.key)) continue;
      if (Date.now() - entry.at < RESENDABLE_MS) this.#send(entry);
      else this.#giveUp(entry);
    }
  }

  /** Tries at once what waits for its next try: one order, or all of them. */
  sendNow(key = null) {
    for (const [waiting, wake] of this.#wakers) if (key === null || waiting === key) wake();
  }

  /** Sends the order no more. If it may have reached the server already, that is told. */
  discard(key) {
    const found = this.#sending.get(key);
    if (!found) return;
    this.#forget(found.entry);
    this.#wakers.get(key)?.();
    if (found.entry.mayBeStored) this.#emit("unclear", { order: found.entry.order });
  }

  async #send(entry) {
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      this.#note(entry, "Sending");
      const problem = await this.#tryOnce(entry);
      if (!problem || !this.#sending.has(entry.key)) return;
      if (Date.now() - entry.at > RESENDABLE_MS) return this.#giveUp(entry);
      await this.#waitForNextTry(entry, problem, waitMs);
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
      if (!this.#sending.has(entry.key)) return;
      if (!this.#isOurs(entry)) return this.#setAside(entry);
    }
  }

  async #waitForNextTry(entry, problem, leastMs) {
    const ms = Math.max(leastMs, (problem.retryAfterS ?? 0) * 1000);
    const note = problem.status === 429 ? "Too many orders in a short time." : problem.message;
    this.#note(entry, note, Date.now() + ms);
    this.#emit("waiting", { order: entry.order, problem });
    const woken = new Promise((wake) => {
      this.#wakers.set(entry.key, wake);
    });
    await Promise.race([this.#outside.wait(ms), woken]);
    this.#wakers.delete(entry.key);
  }

  /** Sends once; the problem, if sending the same again may succeed. */
  async #tryOnce(entry) {
    const { order, key } = entry;
    const before = Boolean(entry.mayBeStored);
    entry.mayBeStored = true; // For as long as there is no answer.
    try {
      const { orderId } = await this.#outside.placeOrder(order, key);
      this.#forget(entry);
      this.#outside.remember(orderId);
      this.#emit("placed", { orderId, order });
    } catch (problem) {
      entry.mayBeStored = before || problem.status !== 429;
      if (problem.retryable) return problem;
      this.#forget(entry);
      this.#emit("refused", { order, problem });
    }
    return null;
  }

  /** Whether the account that placed the order is logged in; nobody else may send it. */
  #isOurs(entry) {
    return entry.scope === this.#outside.scope();
  }

  #note(entry, note, nextAt = null) {
    this.#sending.set(entry.key, { entry, note, nextAt });
    this.#emit("change");
  }

  #forget(entry) {
    this.#write(this.#read().filter(({ key }) => key !== entry.key));
    this.#setAside(entry);
  }

  /** Stops sending; what is still stored is sent when its account is back. */
  #setAside(entry) {
    this.#sending.delete(entry.key);
    this.#emit("change");
  }

  /** Too late to send it again safely: the server may have forgotten the key. */
  #giveUp(entry) {
    this.#forget(entry);
    this.#emit("unclear", { order: entry.order });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #read() {
    return readStored(KEY, [], this.#outside.storage);
  }

  #write(entries) {
    writeStored(KEY, entries, this.#outside.storage);
  }
}

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
