/** How far the market is from the triggers of the resting orders that are on the screen. */

import { readQuotes } from "../lib/api.js";
import { amount, percent } from "../lib/format.js";
import { debounce, whileVisible } from "../lib/ticker.js";
import { findLaunch, opening, refreshLaunches } from "../market/launches.js";
import { tokenName } from "../market/tokens.js";
import { newestFirst } from "./order-pages.js";

const EVERY_MS = 4000;
const NEW_CARD_MS = 200;
const ASKED_AT_ONCE = 4; // Each costs both venues a quote; who has a distance waits for the next look.

/** Keeps the distances on the cards of `list` current; new orders of `store` come first. */
export function followDistances(list, store) {
  const askedAt = new Map();
  const neverAsked = ([swap]) => !askedAt.has(swap);
  const look = async () => {
    let waiting;
    do {
      const resting = list.shown().filter(({ status }) => status === "open");
      await showLaunches(
        list,
        resting.filter(({ type }) => type === "sniper"),
      );
      const groups = groupBySwap(resting.filter(({ type }) => type !== "sniper"));
      for (const swap of askedAt.keys()) if (!groups.has(swap)) askedAt.delete(swap);
      const byAge = [...groups].sort(
        ([a, [one]], [b, [other]]) =>
          (askedAt.get(a) ?? 0) - (askedAt.get(b) ?? 0) || newestFirst(one, other),
      );
      await Promise.all(
        byAge.slice(0, ASKED_AT_ONCE).map(([swap, orders]) => {
          askedAt.set(swap, Date.now());
          return showGroup(list, orders);
        }),
      );
      waiting = byAge.some(neverAsked);
    } while (waiting && !document.hidden);
  };
  const soon = debounce(NEW_CARD_MS, whileVisible(EVERY_MS, look));
  store.addEventListener("change", ({ detail: { order } }) => order.status === "open" && soon());
}

function groupBySwap(orders) {
  const groups = new Map();
  for (const order of orders) {
    const swap = `${order.tokenIn} ${order.tokenOut} ${order.amountIn}`;
    groups.set(swap, [...(groups.get(swap) ?? []), order]);
  }
  return groups;
}

async function showGroup(list, orders) {
  const [{ tokenIn, tokenOut, amountIn }] = orders;
  const answer = await readQuotes({ tokenIn, tokenOut, amountIn }).catch(() => null);
  if (!answer) return;
  for (const order of orders) list.showDistance(order.orderId, priceDistance(order, answer));
}

/** The price an order of this type waits for: limits look at the best net price, stops at the best spot. */
export function watchedPrice(type, { quotes, best, amountIn }) {
  if (type === "stop") return Math.max(...quotes.map(({ price }) => Number(price)));
  return Number(best.amountOut) / Number(amountIn);
}

/** How far the market of `answer`, the quotes, is from the order's trigger. */
export function priceDistance(order, answer) {
  const market = watchedPrice(order.type, answer);
  const trigger = Number(order.limitPrice ?? order.stopPrice);
  const fraction = Math.max(
    0,
    order.type === "limit" ? trigger / market - 1 : 1 - trigger / market,
  );
  const away = fraction > 0 ? `${percent(fraction)} to go` : "at the trigger";
  return { fraction, text: `Market ${amount(market)} ${tokenName(order.tokenOut)} · ${away}` };
}

async function showLaunches(list, orders) {
  if (orders.some(({ tokenOut }) => !findLaunch(tokenOut)))
    await refreshLaunches().catch(() => null);
  for (const order of orders)
    list.showDistance(order.orderId, launchDistance(findLaunch(order.tokenOut)));
}

function launchDistance(launch) {
  if (!launch) return { fraction: 1, text: "No launch is scheduled for this token yet" };
  return {
    fraction: Math.max(0, Date.parse(launch.liveAt) - Date.now()) / 600_000,
    text: `Pool ${opening(launch)}`,
  };
}
