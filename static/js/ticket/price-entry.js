/** A limit or stop price: the text in its field, and exactly what it is sent as. */

import { plainDecimal } from "../lib/format.js";
import { sentPrice, shownPrice, typedPrice } from "../lib/price-direction.js";

const DIGITS = 6; // Of a price that nobody typed.
const LONGEST_EXACT = 12; // Characters; what would take more is shown rounded.
const READABLE_DIGITS = 9;

export class PriceEntry {
  typed = "";
  sent = null; // tokenOut per tokenIn as exact decimal text
  touched = false; // by the user, so that nothing is filled in over it
  #rounding;
  #direction = null;

  /** `rounding` is where the last digit goes if the price is turned round: "up" or "down". */
  constructor(rounding) {
    this.#rounding = rounding;
  }

  /** Takes what was typed, picked or dragged, in the direction that is shown. */
  type(text, touched = true) {
    this.typed = text;
    this.sent = sentPrice(text, this.#direction, this.#rounding);
    this.touched = touched;
  }

  /** Takes a price of the API. It is sent exactly so, even if the field shows it rounded. */
  set(price) {
    this.sent = plainDecimal(price);
    this.touched = true;
    this.#show();
  }

  /**
   * Follows the pair and the direction in which its price is shown. What the user typed stays for
   * the pair's other side; another pair starts anew.
   */
  turn(direction) {
    const before = this.#direction;
    this.#direction = direction;
    if (!before || (before.unit === direction.unit && before.flipped === direction.flipped)) return;
    const otherSide = before.flipped !== direction.flipped;
    const turned = before.base === direction.quote && before.quote === direction.base;
    if (otherSide && turned && this.sent) this.#show();
    else if (otherSide && before.unit === direction.unit && this.touched) this.type(this.typed);
    else this.type("", false);
  }

  #show() {
    const exact = typedPrice(this.sent, this.#direction, this.#rounding);
    this.typed = exact.length <= LONGEST_EXACT ? exact : rounded(exact, READABLE_DIGITS);
  }
}

/** The text for a price so many per cent from the market's, in the direction shown. */
export function offsetPrice(market, percent, direction) {
  const shown = Number(shownPrice(market, direction));
  return rounded(shown * (1 + percent / 100), DIGITS);
}

/** A number or decimal text to so many digits, in plain notation. */
export function rounded(value, digits = DIGITS) {
  return plainDecimal(Number(Number(value).toPrecision(digits)));
}
