/** The two tokens of the ticket, never the same one, and the button that flips them. */

import { byId } from "../lib/elements.js";

export class PairField {
  #tokenIn = byId("token-in");
  #tokenOut = byId("token-out");
  #onChange;
  #before = this.value;

  /** `onChange({tokenIn, tokenOut})` is called when the user picks or flips. */
  constructor(onChange) {
    this.#onChange = onChange;
    byId("flip").addEventListener("click", () => {
      const { tokenIn, tokenOut } = this.value;
      this.set({ tokenIn: tokenOut, tokenOut: tokenIn });
    });
  }

  get value() {
    return { tokenIn: this.#tokenIn.value, tokenOut: this.#tokenOut.value };
  }

  /** Takes both tokens, or one: choosing the token of the other side flips the pair. */
  set(next) {
    const wanted = { ...this.#before, ...next };
    if (wanted.tokenIn === wanted.tokenOut) {
      if ("tokenIn" in next) wanted.tokenOut = this.#before.tokenIn;
      else wanted.tokenIn = this.#before.tokenOut;
    }
    this.#before = wanted;
    this.#tokenIn.value = wanted.tokenIn;
    this.#tokenOut.value = wanted.tokenOut;
    this.#onChange(wanted);
  }
}
