/** How far the market is from the trigger of a resting order. */

import { amount, percent } from "../lib/format.js";
import { directionOf, shownPrice } from "../lib/price-direction.js";
import { opening } from "../market/launches.js";
import { tokenName } from "../market/tokens.js";
import { newestFirst } from "./order-state.js";

const LAUNCH_SCALE_MS = 600_000; // A launch ten minutes away is shown as far as can be.

/** The price an order watches: a limit the best net price, a stop the best spot price. */
export function watchedPrice(type, { quotes, best, amountIn }) {
  if (type === "stop") return Math.max(...quotes.map(({ price }) => Number(price)));
  return Number(best.amountOut) / Number(amountIn);
}

/** {fraction, text}: how far the market of `answer`, the quotes, is from the order's trigger. */
export function priceDistance(order, answer) {
  const market = watchedPrice(order.type, answer);
  const trigger = Number(order.limitPrice ?? order.stopPrice);
  const reached = order.type === "limit" ? market >= trigger : market <= trigger;
  const direction = directionOf(tokenName(order.tokenIn), tokenName(order.tokenOut));
  const shown = (price) => Number(shownPrice(price, direction));
  const fraction = reached ? 0 : Math.abs(shown(trigger) / shown(market) - 1);
  const away = fraction > 0 ? `${percent(fraction)} to go` : "at the trigger";
  return { fraction, text: `Market ${amount(shown(market))} ${direction.quote} · ${away}` };
}

/** {fraction, text}: how long until the launch that a sniper waits for. */
export function launchDistance(launch, now) {
  if (!launch) return { fraction: 1, text: "No launch is scheduled for this token yet" };
  const left = Math.max(0, Date.parse(launch.liveAt) - now);
  return { fraction: left / LAUNCH_SCALE_MS, text: `Pool ${opening(launch, now)}` };
}

/** Orders that need the same quotes, by swap. */
export function groupBySwap(orders) {
  const groups = new Map();
  for (const order of orders) {
    const swap = `${order.tokenIn} ${order.tokenOut} ${order.amountIn}`;
    groups.set(swap, [...(groups.get(swap) ?? []), order]);
  }
  return groups;
}

/** [[swap, orders]]: never asked ones first, newest first; then those asked longest ago. */
export function longestAgoFirst(groups, askedAt) {
  return [...groups].sort(
    ([swapA, [a]], [swapB, [b]]) =>
      (askedAt.get(swapA) ?? 0) - (askedAt.get(swapB) ?? 0) || newestFirst(a, b),
  );
}
