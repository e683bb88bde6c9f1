/** The words of an order's timeline. */

import { amount, bps, dateTime, duration, shorten, venueName } from "../lib/format.js";
import { directionOf, priceText, shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { TERMINAL } from "./order-state.js";
import { cancelledSentence, LABELS } from "./status-text.js";

/** Whether the event sends the order back to wait for another attempt. */
export function isRetry({ status, data }) {
  return status === "pending" && Boolean(data.error);
}

/** Whether the event changed the terms of an order that rests on. */
export function isAmendment({ status, data }) {
  return status === "open" && Boolean(data.amended);
}

export function eventTitle(event) {
  if (isRetry(event)) return "Waiting to retry";
  if (isAmendment(event)) return "Amended";
  return event.status === "pending" && event.data.trigger ? "Triggered" : LABELS[event.status];
}

/** How long the order stayed in this step. `following` is the next event, if there is one. */
export function timeInStep(event, following) {
  if (following) return duration(Date.parse(following.timestamp) - Date.parse(event.timestamp));
  return TERMINAL.has(event.status) ? "Done" : "Now";
}

/** What was amended: "Limit price from 210 to 205 USDC per SOL. Expiry from … to …." */
function amendmentText(order, amended) {
  const terms = Object.entries(amended).map(([name, { from, to }]) => {
    const { label, show, unit } = TERMS[name] ?? { label: name, show: String };
    return `${label} from ${show(from, order)} to ${show(to, order)}${unit ? ` ${unit(order)}` : ""}`;
  });
  return `${terms.join("; ")}.`;
}

const direction = ({ tokenIn, tokenOut }) => directionOf(tokenName(tokenIn), tokenName(tokenOut));
const PRICE = {
  show: (value, order) => amount(shownPrice(value, direction(order))),
  unit: (order) => direction(order).unit,
};
const TERMS = {
  limitPrice: { label: "Limit price", ...PRICE },
  stopPrice: { label: "Stop price", ...PRICE },
  minLiquidity: { label: "Minimum liquidity", show: amount, unit: () => "USD" },
  amountIn: { label: "Amount", show: amount, unit: ({ tokenIn }) => tokenName(tokenIn) },
  maxSlippageBps: { label: "Slippage tolerance", show: bps },
  expiresAt: { label: "Expiry", show: dateTime },
};

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
  cancelled: ({ reason }) => cancelledSentence(reason),
  expired: () => "Expired before its condition was met",
};

/** One sentence on what happened in this step. */
export function eventText(order, event) {
  if (isRetry(event)) return event.data.error.message;
  if (isAmendment(event)) return amendmentText(order, event.data.amended);
  const pair = [tokenName(order.tokenOut), tokenName(order.tokenIn)];
  return TEXTS[event.status]?.(event.data, ...pair) ?? "";
}
