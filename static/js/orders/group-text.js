/** The words for orders of which one that triggers cancels the others. */

import { amount } from "../lib/format.js";
import { directionOf, shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";

const PAIR_ROLES = { limit: "Take-profit", stop: "Stop-loss" };
const TYPE_ROLES = { limit: "Limit order", stop: "Stop order", sniper: "Sniper order" };
const UNDECIDED = new Set(["open", "cancelled", "expired"]);

/** Whether the group is a take-profit and a stop-loss of one swap. */
function isProtection(members) {
  if (members.length !== 2) return false;
  const [one, other] = members.toSorted((a, b) => a.type.localeCompare(b.type));
  const sameSwap = one.tokenIn === other.tokenIn && one.tokenOut === other.tokenOut;
  return sameSwap && one.type === "limit" && other.type === "stop";
}

/** What the order is for its group: "Take-profit", "Stop-loss" or its type. */
export function roleOf(order, members) {
  return (isProtection(members) ? PAIR_ROLES : TYPE_ROLES)[order.type] ?? "Order";
}

/** The order that has triggered, or undefined: one that goes on or was executed. */
function winnerOf(members) {
  return members.find(({ status }) => !UNDECIDED.has(status));
}

/** One sentence on what happened to each order of the group. */
export function groupSentence(members) {
  if (members.length < 2) return "No other order in its group";
  const winner = winnerOf(members);
  if (!winner) return undecidedSentence(members);
  const others = members.filter((member) => member !== winner);
  const parts = others.map((other) => `${lower(roleOf(other, members))} ${lot(other, winner)}`);
  return [`${roleOf(winner, members)} ${deed(winner)}`, ...parts].join(", ");
}

/** What came of one order, in a few words. */
export function memberText(member, members) {
  const winner = winnerOf(members);
  if (member === winner) return deed(member);
  return winner ? lot(member, winner) : fate(member);
}

/** "at 157.5 USDC", where the order waits for a price. */
export function triggerText({ limitPrice, stopPrice, tokenIn, tokenOut }) {
  const price = limitPrice ?? stopPrice;
  if (price == null) return "";
  const direction = directionOf(tokenName(tokenIn), tokenName(tokenOut));
  return `at ${amount(shownPrice(price, direction))} ${direction.quote}`;
}

function undecidedSentence(members) {
  const named = (member) =>
    [roleOf(member, members), triggerText(member)].filter(Boolean).join(" ");
  if (members.every(({ status }) => status === "open")) {
    const all = members.map((member, index) => (index ? lower(named(member)) : named(member)));
    return `${all.join(" or ")}: the first that triggers cancels the other`;
  }
  return members
    .map((member, index) => {
      const role = roleOf(member, members);
      return `${index ? lower(role) : role} ${fate(member)}`;
    })
    .join(", ");
}

function deed({ status }) {
  if (status === "confirmed") return "filled";
  return status === "failed" ? "triggered and failed" : "triggered";
}

/** What became of an order beside the one that triggered. */
function lot(order, winner) {
  if (order.status === "cancelled" && order.cancelledBy?.by === winner.orderId)
    return "cancelled by it";
  return fate(order);
}

function fate({ status }) {
  return status === "open" ? "still rests" : status;
}

function lower(text) {
  return text[0].toLowerCase() + text.slice(1);
}
