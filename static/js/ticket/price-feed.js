/** What the ticket's pair costs now: the prices that triggers look at, and both tokens in USD. */

import { readPrices } from "../lib/api.js";
import { whileVisible } from "../lib/ticker.js";

const EVERY_MS = 3000;

/** Events: "change". `answer` is the latest one for the wanted pair, or null. */
export class PriceFeed extends EventTarget {
  answer = null;
  #wanted = null;
  #poll;

  constructor() {
    super();
    this.#poll = whileVisible(EVERY_MS, () => this.#read());
  }

  /** Asks for this pair from now on: {tokenIn, tokenOut}; null stops asking. */
  want(pair) {
    if (JSON.stringify(pair) === JSON.stringify(this.#wanted)) return;
    this.#wanted = pair;
    this.answer = null;
    if (pair) this.#poll();
  }

  async #read() {
    const wanted = this.#wanted;
    if (!wanted) return;
    const answer = await readPrices(wanted).catch(() => null);
    if (wanted !== this.#wanted || !answer) return;
    this.answer = answer;
    this.dispatchEvent(new Event("change"));
  }
}
