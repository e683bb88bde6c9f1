/** Toasts that tell how the orders of this browser ended. */

import { amount, shortId, venueName } from "../lib/format.js";
import { showToast } from "../lib/toast.js";
import { tokenName } from "../market/tokens.js";
import { isTerminal } from "./order-state.js";
import { isOwn } from "./own-orders.js";
import { ICONS } from "./status-text.js";

/** Shows each ending once, as it happens; never one that was only read from the history. */
export function toastEndings(store) {
  const told = new Set();
  store.addEventListener("change", ({ detail: { order, live } }) => {
    const { orderId, status } = order;
    if (!live || !isTerminal(order) || !isOwn(orderId) || told.has(orderId)) return;
    told.add(orderId);
    showToast({
      status,
      iconName: ICONS[status],
      title: `Order ${status}`,
      text: endingText(order),
      href: `/orders/${encodeURIComponent(orderId)}`,
    });
  });
}

/** One line on what came of a finished order. */
export function endingText(order) {
  const paid = `${amount(order.amountIn)} ${tokenName(order.tokenIn)}`;
  const out = tokenName(order.tokenOut);
  if (order.status === "confirmed") {
    return `${paid} swapped for ${amount(order.amountOut)} ${out} on ${venueName(order.dexUsed)}`;
  }
  if (order.status === "failed") return order.failReason ?? "";
  return `${paid} to ${out}, ${shortId(order.orderId)}`;
}
