/** Fresh quotes for one swap at a time, while the page is visible. */

import { readQuotes } from "../lib/api.js";
import { debounce, whileVisible } from "../lib/ticker.js";

const EVERY_MS = 2500;
const OLD_MS = 10_000; // A quote is an offer for this long.
const TYPING_PAUSE_MS = 250;

const HOPELESS = {
  insufficient_liquidity: "Too much for the pools",
  pool_not_found: "Not traded yet",
};

/** What keeps a market order from being sent, as `OrderTerms` tells it: it would fail; or null. */
export function quoteObstacle({ type }, { state, problem }) {
  const button = type === "market" && state === "problem" ? HOPELESS[problem.code] : undefined;
  return button ? { field: "amount-in", button } : null;
}

/** Events: "change". `state` is "idle", "loading", "fresh" or "problem". */
export class QuoteFeed extends EventTarget {
  state = "idle";
  answer = null;
  problem = null;
  #wanted = null;
  #abort = null;
  #ask;
  #poll;

  constructor() {
    super();
    this.#poll = whileVisible(EVERY_MS, () => this.#read());
    this.#ask = debounce(TYPING_PAUSE_MS, this.#poll);
  }

  /** Whether there is an answer that is too old to trade on. */
  get old() {
    return this.answer !== null && Date.now() - this.answer.readAt > OLD_MS;
  }

  /** Asks for the same quotes anew, now. */
  renew() {
    this.answer = null;
    this.#become("loading");
    this.#poll();
  }

  /** Asks for quotes with these parameters from now on; null stops asking. */
  want(parameters) {
    if (JSON.stringify(parameters) === JSON.stringify(this.#wanted)) return;
    this.#wanted = parameters;
    this.#abort?.abort();
    this.answer = null;
    this.problem = null;
    this.#become(parameters ? "loading" : "idle");
    if (parameters) this.#ask();
  }

  async #read() {
    const wanted = this.#wanted;
    if (!wanted) return;
    this.#abort = new AbortController();
    try {
      const answer = await readQuotes(wanted, this.#abort.signal);
      if (wanted !== this.#wanted) return;
      this.answer = { ...answer, readAt: Date.now() };
      this.problem = null;
      this.#become("fresh");
    } catch (error) {
      if (error.name === "AbortError" || wanted !== this.#wanted) return this.#ask();
      this.problem = error;
      if (!this.answer || !error.retryable) this.#become("problem");
    }
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
