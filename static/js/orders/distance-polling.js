/** Keeps the distances of the resting orders on the screen current. */

import { readQuotes } from "../lib/api.js";
import { onInvert } from "../lib/price-direction.js";
import { debounce, whileVisible } from "../lib/ticker.js";
import { findLaunch, searchLaunches } from "../market/launches.js";
import { PriceStream } from "./price-stream.js";
import { groupBySwap, launchDistance, longestAgoFirst, priceDistance } from "./trigger-distance.js";

const EVERY_MS = 4000;
const NEW_CARD_MS = 200;
const ASKED_AT_ONCE = 4; // Each costs every venue a quote, so all others wait for the next round.

/**
 * Keeps the distances on the cards of `list` current, first those of new orders of `store`: by the
 * prices that `live` streams, and by quotes where it does not.
 */
export function followDistances(list, store, live) {
  const askedAt = new Map();
  const prices = new PriceStream(live);
  const poll = async () => {
    let newOnesLeft;
    do {
      newOnesLeft = await askOnce(list, prices, askedAt);
    } while (newOnesLeft && !document.hidden);
  };
  const soon = debounce(NEW_CARD_MS, whileVisible(EVERY_MS, poll));
  store.addEventListener("change", ({ detail: { order } }) => order.status === "open" && soon());
  onInvert(soon);
  live.addEventListener("connected", soon);
  document.addEventListener("visibilitychange", () => document.hidden && prices.stop());
}

/** Asks once. Returns whether orders are left that have never been asked about. */
async function askOnce(list, prices, askedAt) {
  const resting = list.shown().filter(({ status }) => status === "open");
  await showLaunches(
    list,
    resting.filter(({ type }) => type === "sniper"),
  );
  const entries = resting
    .filter(({ type }) => type !== "sniper")
    .map((order) => [
      order,
      (answer) => list.showDistance(order.orderId, priceDistance(order, answer)),
    ]);
  const left = await prices.follow(entries);
  const groups = groupBySwap(left.map(([order]) => order));
  for (const swap of askedAt.keys()) if (!groups.has(swap)) askedAt.delete(swap);
  const inTurn = longestAgoFirst(groups, askedAt).slice(0, ASKED_AT_ONCE);
  for (const [swap] of inTurn) askedAt.set(swap, Date.now());
  await Promise.all(inTurn.map(([, orders]) => showGroup(list, orders)));
  return [...groups.keys()].some((swap) => !askedAt.has(swap));
}

async function showGroup(list, orders) {
  const [{ tokenIn, tokenOut, amountIn }] = orders;
  const answer = await readQuotes({ tokenIn, tokenOut, amountIn }).catch(() => null);
  if (!answer) return;
  for (const order of orders) list.showDistance(order.orderId, priceDistance(order, answer));
}

async function showLaunches(list, orders) {
  const tokens = [...new Set(orders.map(({ tokenOut }) => tokenOut))];
  const unknown = tokens.filter((token) => !findLaunch(token)).slice(0, ASKED_AT_ONCE);
  await Promise.all(unknown.map((token) => searchLaunches(token).catch(() => null)));
  for (const order of orders) {
    list.showDistance(order.orderId, launchDistance(findLaunch(order.tokenOut), Date.now()));
  }
}
