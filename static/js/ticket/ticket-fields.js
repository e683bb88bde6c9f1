/** Reads the ticket's fields as they stand on the page. */

import { byId } from "../lib/elements.js";

/** The texts that `OrderTerms` takes. */
export function readFields(form, { slippage, scenario, price }) {
  const textOf = (id) => byId(id).value;
  const type = form.elements.type.value;
  return {
    type,
    tokenIn: textOf("token-in"),
    tokenOut: textOf("token-out"),
    snipeToken: textOf("snipe-token"),
    amountIn: textOf("amount-in"),
    minLiquidity: textOf("min-liquidity"),
    expiresInS: textOf("expiry"),
    slippageBps: slippage.bps,
    scenario: scenario.value,
    price: price.read(type),
  };
}
