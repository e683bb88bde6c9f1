/** The words for where an order stands, and what its owner can do after a failure. */

import { ago, amount, duration, venueName } from "../lib/format.js";
import { MAX_ATTEMPTS } from "../lib/page-settings.js";
import { directionOf, priceText } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { lookOf } from "./order-state.js";

export const LABELS = {
  resting: "Resting",
  waiting: "Waiting",
  retrying: "Retrying",
  confirmed: "Confirmed",
  failed: "Failed",
  cancelled: "Cancelled",
  expired: "Expired",
  pending: "Pending",
  routing: "Routing",
  building: "Building",
  submitted: "Submitted",
  open: "Resting",
};
export const ICONS = {
  resting: "pause",
  waiting: "clock",
  retrying: "retry",
  working: "arrow",
  confirmed: "check",
  failed: "cross",
  cancelled: "dash",
  expired: "clock",
};
export const TYPE_NAMES = { market: "Market", limit: "Limit", stop: "Stop", sniper: "Sniper" };

export function label(order) {
  const look = lookOf(order);
  return look === "working" ? LABELS[order.status] : LABELS[look];
}

/** One sentence on where the order stands. As it is read out, it never changes with the clock. */
export function sentence(order) {
  const out = tokenName(order.tokenOut);
  switch (lookOf(order)) {
    case "resting":
      return restingSentence(order);
    case "waiting":
      return order.type === "market"
        ? "Waiting for a free worker"
        : "Triggered; waiting for a free worker";
    case "retrying":
      return `${order.retry.message} Attempt ${order.retry.attempt} of ${MAX_ATTEMPTS} follows.`;
    case "confirmed":
      return `Received ${amount(order.amountOut)} ${out} on ${venueName(order.dexUsed)}`;
    case "failed":
      return order.failReason ?? "The swap was not executed.";
    case "cancelled":
      return cancelledSentence(order.cancelledBy?.reason);
    case "expired":
      return "Expired before its condition was met";
    default:
      return workingSentence(order) + attemptNote(order);
  }
}

/** Why an order was cancelled; `reason` is that of its record or its event, where they have one. */
export function cancelledSentence(reason) {
  if (reason === "oco_triggered") return "Cancelled because another order of its group triggered";
  if (reason === "reset") return "Cancelled because the account started over";
  return "Cancelled before anything was sent";
}

function workingSentence(order) {
  if (order.status === "routing") return "Asking each venue for a quote";
  const floor = order.minAmountOut
    ? `, at least ${amount(order.minAmountOut)} ${tokenName(order.tokenOut)}`
    : "";
  if (order.status === "building")
    return `Building the swap on ${venueName(order.dexUsed)}${floor}`;
  return `Sent to ${venueName(order.dexUsed)}; waiting for confirmation`;
}

function attemptNote(order) {
  return order.attempts > 1 ? ` (attempt ${order.attempts} of ${MAX_ATTEMPTS})` : "";
}

function restingSentence(order) {
  const pair = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  const { flipped } = directionOf(...pair);
  if (order.type === "limit")
    return `Fills at ${priceText(order.limitPrice, ...pair)} or ${flipped ? "less" : "more"}`;
  if (order.type === "stop")
    return `Triggers at ${priceText(order.stopPrice, ...pair)} or ${flipped ? "more" : "less"}`;
  const liquidity =
    Number(order.minLiquidity) > 0
      ? ` with at least $${amount(order.minLiquidity)} of liquidity`
      : "";
  return `Buys when the ${tokenName(order.tokenOut)} pool opens${liquidity}`;
}

/** The part of the state that a clock changes: next attempt, expiry, age. */
export function timing(order, now) {
  if (order.retry?.at && order.status === "pending") {
    const left = Date.parse(order.retry.at) - now;
    return left > 0
      ? `next attempt in ${duration(Math.ceil(left / 1000) * 1000)}`
      : "next attempt now";
  }
  if (order.status === "open" && order.expiresAt) {
    const left = Date.parse(order.expiresAt) - now;
    return left > 0 ? `expires in ${duration(Math.max(1000, left))}` : "expires now";
  }
  return ago(now - Date.parse(order.updatedAt));
}

const ADVICE = {
  slippage_exceeded: "Try again, or allow more slippage if the market moves fast.",
  venue_timeout: "Try again in a moment.",
  rpc_unavailable: "The network did not answer. Try again in a moment.",
  blockhash_expired: "Try again: a new transaction gets a new blockhash.",
  insufficient_liquidity: "Order less at a time, or choose a pair with more liquidity.",
  no_quote: "Try again in a moment.",
  pool_not_found: "Place a sniper order: it buys when the pool opens.",
};

export function advice(code) {
  return ADVICE[code] ?? "Try again. If it keeps failing, the timeline below shows where.";
}
