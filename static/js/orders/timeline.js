/** Every step an order took: what, when, how long, in which attempt. */

import { element, icon } from "../lib/elements.js";
import { amount, clockTime, dateTime, duration, shorten, venueName } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";
import { lookOf, TERMINAL } from "./order-state.js";
import { ICONS, LABELS } from "./status-text.js";

/** The list entries for `history`, oldest first. */
export function timelineEntries(order, history) {
  return history.map((event, index) => entry(order, event, history[index + 1]));
}

function entry(order, event, following) {
  const retrying = event.status === "pending" && Boolean(event.data.error);
  const attempt = event.status === "routing" ? event.data.attempt : null;
  return element(
    "li",
    { className: "timeline-entry" },
    element(
      "span",
      { className: "status-icon", dataset: { status: retrying ? "retrying" : event.status } },
      icon(iconOf(event, retrying)),
    ),
    element(
      "div",
      {},
      element(
        "p",
        { className: "timeline-title" },
        titleOf(event, retrying),
        attempt > 1 ? element("span", { className: "kind" }, `Attempt ${attempt}`) : null,
      ),
      element("p", { className: "timeline-text" }, textOf(order, event, retrying)),
    ),
    element(
      "p",
      { className: "timeline-when" },
      element("strong", { className: "numeric" }, spanOf(event, following)),
      element(
        "time",
        { dateTime: event.timestamp, title: dateTime(event.timestamp) },
        clockTime(event.timestamp, true),
      ),
    ),
  );
}

function iconOf({ status }, retrying) {
  return ICONS[lookOf({ status, retry: retrying })];
}

function titleOf({ status, data }, retrying) {
  if (retrying) return "Waiting to retry";
  return status === "pending" && data.trigger ? "Triggered" : LABELS[status];
}

/** How long the order stayed in this step. */
function spanOf(event, following) {
  if (following) return duration(Date.parse(following.timestamp) - Date.parse(event.timestamp));
  return TERMINAL.has(event.status) ? "Done" : "Now";
}

function textOf(order, { status, data }, retrying) {
  const out = tokenName(order.tokenOut);
  if (retrying) return data.error.message;
  switch (status) {
    case "pending":
      return data.trigger?.price
        ? `The condition held at ${amount(data.trigger.price)}`
        : "Accepted and stored";
    case "open":
      return data.expiresAt
        ? `Resting until ${dateTime(data.expiresAt)}`
        : "Resting until its condition holds";
    case "routing":
      return "Quotes asked from both venues";
    case "building":
      return data.reason ?? `Swap built on ${venueName(data.chosenDex)}`;
    case "submitted":
      return `Signed and sent to ${venueName(data.chosenDex)} as ${shorten(data.txHash)}`;
    case "confirmed":
      return `${amount(data.amountOut)} ${out} received${data.slot ? ` in slot ${data.slot}` : ""}`;
    case "failed":
      return data.error?.message ?? "";
    case "cancelled":
      return "Ended by its owner; nothing was sent";
    case "expired":
      return "Its time ran out";
    default:
      return "";
  }
}
