/** The ticket's limit and stop prices: prefilled from the market, with buttons to move them. */

import { byId, setText } from "../lib/elements.js";
import { directionOf, invertPair } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { offsetPrice, PriceEntry } from "./price-entry.js";

const STOP_BELOW_PERCENT = -5; // A stop at the market would trigger at once.
const HINTS = {
  limit: {
    straight: "Never fills below this price, after fees.",
    flipped: "Never pays more than this price, fees included.",
  },
  stop: {
    straight: "Sells at the market once the price is this or lower.",
    flipped: "Swaps at the market once the price is this or higher.",
  },
};

export class PriceField {
  #entries = { limit: new PriceEntry("up"), stop: new PriceEntry("down") };
  #onEdit;
  #direction = null;
  #pair = null;
  #market = null;
  #filledFor = null; // the amount for which the market's price was filled in

  /** `onEdit` is called when a button moved the price or turned it round. */
  constructor(onEdit) {
    this.#onEdit = onEdit;
    for (const [type, entry] of Object.entries(this.#entries)) {
      const input = byId(`${type}-price`);
      input.addEventListener("input", () => entry.type(input.value));
      for (const step of document.querySelectorAll(`[data-step-of="${type}"]`))
        step.addEventListener("click", () => this.#step(type, Number(step.dataset.step)));
      byId(`${type}-price-unit`).addEventListener("click", () => invertPair(...this.#pair));
    }
  }

  /** {typed, sent} of an order of this type. */
  read(type) {
    const { typed, sent } = this.#entries[type] ?? {};
    return { typed: typed ?? "", sent: sent ?? null };
  }

  /** Fills in a price as it would be typed. */
  pick(type, text) {
    this.#entries[type].type(text);
    this.#onEdit();
  }

  /** Fills in a price of the API. The pair has to be settled first. */
  set(type, price) {
    if (price !== null) this.#entries[type]?.set(price);
  }

  /**
   * Shows the price of this pair. `market` is {price, amountIn}: where the order's type sees the
   * market, and for which amount; null while that is not known. What nobody touched follows it
   * from amount to amount, as larger ones get less.
   */
  settle({ type, tokenIn, tokenOut }, market) {
    const entry = this.#entries[type];
    if (!entry) return;
    this.#pair = [tokenName(tokenIn), tokenName(tokenOut)];
    this.#direction = directionOf(...this.#pair);
    this.#market = market;
    entry.turn(this.#direction);
    this.#fillIn(type, entry);
    this.#draw(type, entry);
  }

  #fillIn(type, entry) {
    const market = this.#market;
    if (!market || entry.touched) return;
    if (entry.typed && (market.amountIn === null || market.amountIn === this.#filledFor)) return;
    this.#filledFor = market.amountIn;
    entry.type(this.#usual(type), false);
  }

  #usual(type) {
    const percent = type === "stop" ? STOP_BELOW_PERCENT : 0;
    return offsetPrice(
      this.#market.price,
      this.#direction.flipped ? -percent : percent,
      this.#direction,
    );
  }

  #step(type, percent) {
    if (!this.#market) return;
    this.pick(type, offsetPrice(this.#market.price, percent, this.#direction));
  }

  #draw(type, entry) {
    const input = byId(`${type}-price`);
    if (input.value !== entry.typed) input.value = entry.typed;
    const { unit, flipped } = this.#direction;
    setText(byId(`${type}-price-unit`).firstElementChild, unit);
    setText(byId(`${type}-price-hint`), HINTS[type][flipped ? "flipped" : "straight"]);
    const [tokenIn, tokenOut] = this.#pair;
    const sent = `Sent as ${entry.sent ?? "…"} ${tokenOut} per ${tokenIn}.`;
    setText(byId(`${type}-price-sent`), flipped ? sent : "");
    for (const step of document.querySelectorAll(`[data-step-of="${type}"]`))
      step.disabled = !this.#market;
  }
}
