/** Whether the account can pay what the ticket asks for, and parts of what it has. */

import { half, isGreater, isZero } from "../lib/exact-amount.js";
import { amount } from "../lib/format.js";

/** The line under the amount: "Available 12.5 SOL"; empty while nothing is known of the money. */
export function availableText(available, token) {
  return available === null ? "" : `Available ${amount(available)} ${token}`;
}

/** The amount that "half" or "max" stands for, or null where there is nothing to spend. */
export function partOf(part, available, decimals) {
  if (available === null || isZero(available)) return null;
  const value = part === "half" ? half(available, decimals) : available;
  return isZero(value) ? null : value;
}

/** What keeps an order from being paid: {field, button, message}, or null. Decimals are texts. */
export function fundsObstacle({ amountIn, tokenIn }, available) {
  if (available === null || amountIn === null || !isGreater(amountIn, available)) return null;
  return {
    field: "amount-in",
    button: `Not enough ${tokenIn}`,
    message: `You have ${amount(available)} ${tokenIn} available; this needs ${amount(amountIn)}`,
  };
}
