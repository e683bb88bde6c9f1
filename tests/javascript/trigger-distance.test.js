/** How far the market is from a trigger. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  groupBySwap,
  launchDistance,
  longestAgoFirst,
  priceDistance,
  watchedPrice,
} from "../../static/js/orders/trigger-distance.js";

const ANSWER = {
  amountIn: "2",
  best: { amountOut: "298" },
  quotes: [{ price: "150" }, { price: "151" }],
};
const PAIR = { tokenIn: "SOL", tokenOut: "USDC" };
const limit = (limitPrice) => ({ ...PAIR, type: "limit", limitPrice, stopPrice: null });
const stop = (stopPrice) => ({ ...PAIR, type: "stop", limitPrice: null, stopPrice });
const NOW = Date.parse("2026-01-31T09:30:00Z");

test("a limit looks at what is paid after fees, a stop at the best spot price", () => {
  assert.equal(watchedPrice("limit", ANSWER), 149);
  assert.equal(watchedPrice("stop", ANSWER), 151);
});

test("a limit waits for the market to rise, a stop for it to fall", () => {
  const above = priceDistance(limit("298"), ANSWER);
  assert.equal(above.fraction, 1);
  assert.equal(above.text, "Market 149 USDC · 100 % to go");
  const below = priceDistance(stop("75.5"), ANSWER);
  assert.equal(below.fraction, 0.5);
  assert.equal(below.text, "Market 151 USDC · 50 % to go");
});

test("who buys SOL reads the distance in USDC per SOL", () => {
  const buying = { ...limit("0.008"), tokenIn: "USDC", tokenOut: "SOL" };
  const answer = { amountIn: "200", best: { amountOut: "1" }, quotes: [{ price: "0.005" }] };
  assert.deepEqual(priceDistance(buying, answer), {
    fraction: 0.375,
    text: "Market 200 USDC · 37.5 % to go",
  });
});

test("a market past the trigger is at the trigger", () => {
  for (const order of [limit("100"), limit("149"), stop("200"), stop("151")]) {
    const { fraction, text } = priceDistance(order, ANSWER);
    assert.equal(fraction, 0);
    assert.match(text, /· at the trigger$/);
  }
});

test("a sniper's distance is the time until the launch", () => {
  const launch = { liveAt: new Date(NOW + 300_000).toISOString() };
  assert.deepEqual(launchDistance(launch, NOW), { fraction: 0.5, text: "Pool opens in 5 min" });
  assert.deepEqual(launchDistance(launch, NOW + 900_000), { fraction: 0, text: "Pool open" });
  assert.equal(launchDistance(undefined, NOW).fraction, 1);
});

test("orders of one swap share their quotes", () => {
  const order = (orderId, amountIn) => ({ orderId, tokenIn: "SOL", tokenOut: "USDC", amountIn });
  const groups = groupBySwap([order("a", "1"), order("b", "2"), order("c", "1")]);
  assert.deepEqual(
    [...groups.values()].map((orders) => orders.map(({ orderId }) => orderId)),
    [["a", "c"], ["b"]],
  );
});

test("the swap asked longest ago comes first, before it those never asked, newest first", () => {
  const group = (swap, minute) => [swap, [{ orderId: swap, createdAt: `09:${minute}` }]];
  const groups = new Map([
    group("asked", 10),
    group("old", 11),
    group("new", 12),
    group("ago", 13),
  ]);
  const askedAt = new Map([
    ["asked", 200],
    ["ago", 100],
  ]);
  assert.deepEqual(
    longestAgoFirst(groups, askedAt).map(([swap]) => swap),
    ["new", "old", "ago", "asked"],
  );
});
