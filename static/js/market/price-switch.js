/** The switch between the reference price and the one that the ticket's order would look at. */

import { byId, setText } from "../lib/elements.js";

const WATCHED = {
  stop: {
    kind: "spot",
    name: "Best spot",
    text: "The best venue's price: what stop orders look at.",
  },
  other: {
    kind: "net",
    name: "Best net",
    text: "The best venue's price after its fee: what limit orders look at.",
  },
};
const REFERENCE = { kind: "reference", text: "Reference price; venues stand 1 to 2 % beside it." };
const MARKS = "Dashed lines: triggers of resting orders. Arrows: fills.";

export class PriceSwitch {
  #button = byId("market-watched");
  #watched = WATCHED.other;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => {
      this.#button.ariaPressed = String(!this.#on);
      this.#draw();
      onChange();
    });
  }

  /** Which price to draw, as the API names it. */
  get kind() {
    return this.#shown.kind;
  }

  /** Offers what an order of this type looks at. */
  follow(type) {
    const next = WATCHED[type] ?? WATCHED.other;
    if (next === this.#watched) return;
    this.#watched = next;
    this.#draw();
    if (this.#on) this.#onChange();
  }

  get #on() {
    return this.#button.ariaPressed === "true";
  }

  get #shown() {
    return this.#on ? this.#watched : REFERENCE;
  }

  #draw() {
    setText(this.#button, this.#watched.name);
    setText(byId("chart-note"), `${this.#shown.text} ${MARKS}`);
  }
}
