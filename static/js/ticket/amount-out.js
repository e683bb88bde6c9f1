/** What the ticket's order would bring: about so much, or at least. */

import { byId, setText } from "../lib/elements.js";
import { multiply } from "../lib/exact-amount.js";
import { amount, plainDecimal } from "../lib/format.js";
import { findLaunch, opening } from "../market/launches.js";

/** Draws it, and returns it as a number or decimal text; null while it is not known. */
export function drawAmountOut({ type, amountIn, triggerPrice, tokenOut }, feed) {
  const output = byId("amount-out");
  const atLeast = type === "limit" && amountIn && triggerPrice;
  const value = atLeast ? multiply(amountIn, triggerPrice) : (feed.answer?.best.amountOut ?? null);
  setText(byId("amount-out-label"), atLeast ? "You receive, at least" : "You receive, about");
  const launch = type === "sniper" && findLaunch(tokenOut);
  output.dataset.empty = value === null;
  output.title = value === null ? "" : plainDecimal(value);
  output.className = value === null && launch ? "words" : "numeric";
  if (value !== null) setText(output, amount(value));
  else if (launch) setText(output, `${tokenOut} ${opening(launch)}`);
  else setText(output, feed.state === "loading" ? "…" : "0");
  return value;
}
