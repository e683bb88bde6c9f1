/** What a typed limit or stop price means beside the market. */

import { multiply, readDecimal } from "../lib/exact-amount.js";
import { amount, percent } from "../lib/format.js";
import { sentPrice, shownPrice } from "../lib/price-direction.js";
import { watchedPrice } from "../orders/trigger-distance.js";

/** Where the last digit goes if a price is turned round: never to the user's loss. */
export const ROUNDING = { limit: "up", stop: "down" };

/** The API's price for what was typed in this direction, or null. */
export function priceOf(typed, type, direction) {
  return sentPrice(typed, direction, ROUNDING[type]);
}

/** Whether the market of `answer`, the quotes, would trigger an order of this type and price. */
export function isReached(price, type, answer) {
  const market = watchedPrice(type, answer);
  return type === "limit" ? market >= Number(price) : market <= Number(price);
}

/** The market that an order of this type looks at, in words. */
export function marketText(type, answer, direction) {
  return amount(Number(shownPrice(watchedPrice(type, answer), direction)));
}

/**
 * How far the typed price is from the market of `answer`, the quotes, and what it brings in
 * `symbol`; empty while there is no price. `type` is "limit" or "stop".
 */
export function priceHint(typedPrice, type, typedAmount, { symbol, direction, answer }) {
  const price = priceOf(typedPrice, type, direction);
  if (price === null) return "";
  const sold = readDecimal(typedAmount);
  const parts = [];
  if (answer) parts.push(position(price, type, direction, answer));
  if (sold !== null) {
    const brings = `${amount(multiply(sold, price))} ${symbol}`;
    parts.push(type === "limit" ? `at least ${brings}` : `about ${brings}`);
  }
  return parts.join(" · ");
}

function position(price, type, direction, answer) {
  if (isReached(price, type, answer))
    return `the market, ${marketText(type, answer, direction)}, is there: triggers at once`;
  const shown = (value) => Number(shownPrice(value, direction));
  const fraction = shown(price) / shown(watchedPrice(type, answer)) - 1;
  return `${fraction > 0 ? "+" : ""}${percent(fraction)} from the market`;
}
