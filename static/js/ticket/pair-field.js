/** The two tokens of the ticket, never the same one, and the button that flips them. */

import { byId, setText } from "../lib/elements.js";
import { TokenPicker } from "./token-picker.js";

const SIDES = {
  tokenIn: { id: "token-in", name: "Token you pay", question: "Pay with which token?" },
  tokenOut: { id: "token-out", name: "Token you receive", question: "Receive which token?" },
};

export class PairField {
  #tokenIn = byId("token-in");
  #tokenOut = byId("token-out");
  #onChange;
  #picker = new TokenPicker();
  #before = this.value;

  /** `onChange({tokenIn, tokenOut})` is called when the user picks or flips. */
  constructor(onChange) {
    this.#onChange = onChange;
    for (const [side, { id, question }] of Object.entries(SIDES)) {
      byId(`${id}-button`).addEventListener("click", () =>
        this.#picker.open(question, this.value[side], (symbol) => this.set({ [side]: symbol })),
      );
    }
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
    for (const [side, { id, name }] of Object.entries(SIDES)) {
      byId(id).value = wanted[side];
      setText(byId(`${id}-button`).firstElementChild, wanted[side]);
      byId(`${id}-button`).setAttribute("aria-label", `${name}: ${wanted[side]}`);
    }
    this.#onChange(wanted);
  }
}
