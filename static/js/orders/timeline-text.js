/** The words of an order's timeline. */

import { amount, dateTime, duration, shorten, venueName } from "../lib/format.js";
import { priceText } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { TERMINAL } from "./order-state.js";
import { LABELS } from "./status-text.js";

/** Whether the event sends the order back to wait for another attempt. */
export function isRetry({ status, data }) {
  return status === "pending" && Boolean(data.error);
}

export function eventTitle(event) {
  if (isRetry(event)) return "Waiting to retry";
  return event.status === "pending" && event.data.trigger ? "Triggered" : LABELS[event.status];
}

/** How long the order stayed in this step. `following` is the next event, if there is one. */
export function timeInStep(event, following) {
  if (following) return duration(Date.parse(following.timestamp) - Date.parse(event.timestamp));
  return TERMINAL.has(event.status) ? "Done" : "Now";
}

const TEXTS = {
  pending: ({ trigger }, tokenOut, tokenIn) =>
    trigger?.price
      ? `The price reached ${priceText(trigger.price, tokenIn, tokenOut)}`
      : "Accepted and stored",
  open: ({ expiresAt }) =>
    expiresAt ? `Resting until ${dateTime(expiresAt)}` : "Resting until its condition is met",
  routing: () => "Asked each venue for a quote",
  building: ({ reason, chosenDex }) => reason ?? `Swap built on ${venueName(chosenDex)}`,
  submitted: ({ chosenDex, txHash }) =>
    `Signed and sent to ${venueName(chosenDex)} as ${shorten(txHash)}`,
  confirmed: ({ amountOut, slot }, out) =>
    `Received ${amount(amountOut)} ${out}${slot ? ` in slot ${slot}` : ""}`,
  failed: ({ error }) => error?.message ?? "",
  cancelled: ({ reason }) =>
    reason === "oco_triggered"
      ? "Cancelled because another order of its group triggered"
      : "Cancelled before anything was sent",
  expired: () => "Expired before its condition was met",
};

/** One sentence on what happened in this step. */
export function eventText(order, event) {
  if (isRetry(event)) return event.data.error.message;
  const pair = [tokenName(order.tokenOut), tokenName(order.tokenIn)];
  return TEXTS[event.status]?.(event.data, ...pair) ?? "";
}
