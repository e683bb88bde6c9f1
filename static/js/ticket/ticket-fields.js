/** Reads the ticket's fields as they stand on the page. */

import { byId } from "../lib/elements.js";

/** The texts that `OrderTerms` takes. */
export function readFields(form, slippageBps, scenario) {
  const textOf = (id) => byId(id).value;
  return {
    type: form.elements.type.value,
    tokenIn: textOf("token-in"),
    tokenOut: textOf("token-out"),
    snipeToken: textOf("snipe-token"),
    amountIn: textOf("amount-in"),
    limitPrice: textOf("limit-price"),
    stopPrice: textOf("stop-price"),
    minLiquidity: textOf("min-liquidity"),
    expiresInS: textOf("expiry"),
    slippageBps,
    scenario,
  };
}
