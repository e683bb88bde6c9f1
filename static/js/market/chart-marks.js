/** What the price chart marks: triggers of resting orders, and fills. */

import { tokenName } from "./tokens.js";

const MAX_TRIGGERS = 12;
const LABEL_CANDLES = 8; // What the text of a mark covers.

/**
 * The triggers of resting orders as [{orderId, price, title}], in the price of `pair`. Only those
 * nearest to the `last` price: hundreds of lines would hide the candles.
 */
export function triggerMarks(orders, pair, last) {
  const distance = ({ price }) => Math.abs(price / last - 1);
  return onPair(orders, pair)
    .filter(({ order }) => order.status === "open" && order.type !== "sniper")
    .map(({ order, toPairPrice }) => ({
      orderId: order.orderId,
      price: toPairPrice(order.limitPrice ?? order.stopPrice),
      title: order.type,
    }))
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, MAX_TRIGGERS);
}

/**
 * [{time, title}]: a mark for each candle with fills since `sinceMs`, oldest first; time in s. The
 * title is empty where it would cover the one before.
 */
export function fillMarks(orders, pair, { intervalS, sinceMs }) {
  const counts = new Map();
  for (const { order } of onPair(orders, pair)) {
    const time = Math.floor(Date.parse(order.updatedAt) / 1000 / intervalS) * intervalS;
    if (order.status !== "confirmed" || time * 1000 < sinceMs) continue;
    counts.set(time, (counts.get(time) ?? 0) + 1);
  }
  let free = 0; // From this time on, there is room for a title.
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([time, count]) => {
      if (time < free) return { time, title: "" };
      free = time + LABEL_CANDLES * intervalS;
      return { time, title: count > 1 ? `${count} fills` : "fill" };
    });
}

/** The orders that trade `pair`, in either direction, and how their prices read on its chart. */
function onPair(orders, { tokenIn, tokenOut }) {
  const found = [];
  for (const order of orders) {
    const [from, to] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
    if (from === tokenIn && to === tokenOut) found.push({ order, toPairPrice: Number });
    if (from === tokenOut && to === tokenIn) {
      found.push({ order, toPairPrice: (price) => 1 / Number(price) });
    }
  }
  return found;
}
