/** What a typed limit or stop price means beside the market. */

import { isZero, multiply, readDecimal } from "../lib/exact-amount.js";
import { amount, percent } from "../lib/format.js";
import { watchedPrice } from "../orders/trigger-distance.js";

/**
 * How far the price is from the market of `answer`, the quotes, and what it brings in `quote`; empty
 * while there is no price. `type` is "limit" or "stop".
 */
export function priceHint(typedPrice, type, typedAmount, quote, answer) {
  const [price, sold] = [readDecimal(typedPrice), readDecimal(typedAmount)];
  if (price === null || isZero(price)) return "";
  const parts = [];
  if (answer) parts.push(position(Number(price), type, watchedPrice(type, answer)));
  if (sold !== null) {
    const brings = `${amount(multiply(sold, price))} ${quote}`;
    parts.push(type === "limit" ? `at least ${brings}` : `about ${brings}, at the market price`);
  }
  return parts.join(" · ");
}

function position(price, type, market) {
  const reached = type === "limit" ? market >= price : market <= price;
  if (reached) return `the market, ${amount(market)}, is there: triggers at once`;
  const fraction = price / market - 1;
  return `${fraction > 0 ? "+" : ""}${percent(fraction)} from the market`;
}
