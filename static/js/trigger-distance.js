/** How far the market is from the triggers of the resting orders that are on the screen. */

import { readQuotes } from "./api.js";
import { amount, percent } from "./format.js";
import { findLaunch, opening, refreshLaunches } from "./launches.js";
import { whileVisible } from "./ticker.js";
import { tokenName } from "./tokens.js";

const EVERY_MS = 4000;
const ASKED_AT_ONCE = 4; // Each look costs both venues a quote; the rest take their turn.

/** Keeps the distances on the cards of `list` current. */
export function followDistances(list) {
  let turn = 0;
  let launchesKnown = false;
  whileVisible(EVERY_MS, async () => {
    const resting = list.shown().filter(({ status }) => status === "open");
    const snipers = resting.filter(({ type }) => type === "sniper");
    if (snipers.length && !launchesKnown) launchesKnown = await refreshLaunches().then(() => true, () => false);
    for (const order of snipers) list.showDistance(order.orderId, launchDistance(order));
    const groups = [...groupBySwap(resting.filter(({ type }) => type !== "sniper")).values()];
    const asked = groups.length > ASKED_AT_ONCE ? rotate(groups, turn).slice(0, ASKED_AT_ONCE) : groups;
    turn += asked.length;
    await Promise.all(asked.map((orders) => showGroup(list, orders)));
  });
}

function groupBySwap(orders) {
  const groups = new Map();
  for (const order of orders) {
    const key = `${order.tokenIn} ${order.tokenOut} ${order.amountIn}`;
    groups.set(key, [...(groups.get(key) ?? []), order]);
  }
  return groups;
}

function rotate(items, by) {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

async function showGroup(list, orders) {
  const [{ tokenIn, tokenOut, amountIn }] = orders;
  const answer = await readQuotes({ tokenIn, tokenOut, amountIn }).catch(() => null);
  if (!answer) return;
  const net = Number(answer.best.amountOut) / Number(amountIn);
  for (const order of orders) list.showDistance(order.orderId, priceDistance(order, net));
}

/** How far `net`, the best price after fees, is from the order's trigger. */
export function priceDistance(order, net) {
  const trigger = Number(order.limitPrice ?? order.stopPrice);
  const fraction = Math.max(0, order.type === "limit" ? trigger / net - 1 : 1 - trigger / net);
  const away = fraction > 0 ? `${percent(fraction)} to go` : "at the trigger";
  return { fraction, text: `Market ${amount(net)} ${tokenName(order.tokenOut)} · ${away}` };
}

function launchDistance(order) {
  const launch = findLaunch(order.tokenOut);
  return launch ? { fraction: Math.max(0, Date.parse(launch.liveAt) - Date.now()) / 600_000, text: `Pool ${opening(launch)}` } : null;
}
