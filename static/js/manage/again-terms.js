/** The terms under which an order is placed again. */

import { plainDecimal } from "../lib/format.js";

const SHORTEST_MS = 60_000;
const COPIED = ["type", "tokenIn", "tokenOut", "maxSlippageBps"];
const DECIMALS = ["amountIn", "limitPrice", "stopPrice", "minLiquidity"];

/** For how long the order was to rest. */
export function restsForMs({ createdAt, expiresAt }) {
  return Math.max(SHORTEST_MS, Date.parse(expiresAt) - Date.parse(createdAt));
}

/** The address of the page with the order form filled in with the order's terms. */
export function ticketLink(order) {
  const { expiresAt: _, ...terms } = againTerms(order);
  return `/?${new URLSearchParams(terms)}`;
}

/** A new order on the same terms, which rests for as long; of no group, without a scenario. */
export function againTerms(order, now = Date.now()) {
  const terms = Object.fromEntries(COPIED.map((name) => [name, order[name]]));
  for (const name of DECIMALS) if (order[name] != null) terms[name] = plainDecimal(order[name]);
  if (order.expiresAt) terms.expiresAt = new Date(now + restsForMs(order)).toISOString();
  return terms;
}
