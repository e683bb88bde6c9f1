/** Toasts that tell how the orders of this browser ended. */

import { amount, shortId, venueName } from "../lib/format.js";
import { notice } from "../lib/notices.js";
import { showToast } from "../lib/toast.js";
import { tokenName } from "../market/tokens.js";
import { isTerminal } from "./order-state.js";
import { isOwn } from "./own-orders.js";
import { ICONS } from "./status-text.js";

/** Tells each ending once, as it happens; never one that was only read from the history. */
export function toastEndings(store) {
  const ended = new Set();
  store.addEventListener("change", ({ detail: { order, live } }) => {
    const { orderId, status } = order;
    if (!live || !isTerminal(order) || !isOwn(orderId) || ended.has(orderId)) return;
    ended.add(orderId);
    const told = endingNotice(order);
    showToast({ status, iconName: ICONS[status], ...told });
    notice(told);
  });
}

/** What to say of an order that has ended: {title, text, href}. */
export function endingNotice(order) {
  return {
    title: `Order ${order.status}`,
    text: endingText(order),
    href: `/orders/${encodeURIComponent(order.orderId)}`,
  };
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
