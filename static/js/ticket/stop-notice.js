/** A stop that the market is past already triggers at once: asks whether that is meant. */

import { byId, setText } from "../lib/elements.js";
import { directionOf, priceText } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { isReached } from "./what-happens.js";

export class StopNotice {
  #box = byId("stop-confirm");
  #accepted = byId("stop-accepted");
  #asked = "";
  #side = "above";

  /** What keeps the order from being sent: {field, button}, or null. */
  get obstacle() {
    if (this.#box.hidden || this.#accepted.checked) return null;
    return { field: this.#accepted.id, button: `Confirm the stop ${this.#side} the market` };
  }

  /** `answer` are the quotes; without them nothing is known, and what was asked stays asked. */
  draw(terms, answer) {
    const order = `${terms.type} ${terms.tokenIn} ${terms.tokenOut} ${terms.triggerPrice}`;
    if (order !== this.#asked) this.reset();
    this.#asked = order;
    if (terms.type !== "stop") this.#box.hidden = true;
    else if (answer) this.#box.hidden = !isReached(terms, answer);
    const pair = [tokenName(terms.tokenIn), tokenName(terms.tokenOut)];
    const { flipped } = directionOf(...pair);
    this.#side = flipped ? "below" : "above";
    setText(
      byId("stop-confirm-text"),
      `The market is at or ${flipped ? "above" : "below"} ${priceText(terms.triggerPrice ?? 0, ...pair)} ` +
        "already: sell at once, at the market price.",
    );
  }

  /** Consent holds for one order. */
  reset() {
    this.#accepted.checked = false;
    this.#box.hidden = true;
  }
}
