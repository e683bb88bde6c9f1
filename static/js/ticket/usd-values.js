/** What the ticket's amounts are worth in US dollars, beside each of them. */

import { byId, setText } from "../lib/elements.js";
import { multiply } from "../lib/exact-amount.js";
import { plainDecimal, usd } from "../lib/format.js";

/** "≈ $330.20" for an amount at a price in USD; empty while one of them is not known. */
export function worthText(value, priceUsd) {
  if (value == null || priceUsd == null) return "";
  return `≈ ${usd(multiply(plainDecimal(value), plainDecimal(priceUsd)))}`;
}

/** `prices` is the answer of the price feed, or null. */
export function drawUsdValues({ amountIn, amountOut }, prices) {
  setText(byId("amount-in-usd"), worthText(amountIn, prices?.tokenInUsd));
  setText(byId("amount-out-usd"), worthText(amountOut, prices?.tokenOutUsd));
}
