/** The sentence that says what sending the ticket would do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fillEstimate, isReached, whatHappens } from "../../static/js/ticket/what-happens.js";

const ANSWER = {
  amountIn: "2",
  tokenOut: "USDC",
  best: { dex: "meteora", amountOut: "298", minAmountOut: "295.02" },
  quotes: [
    { dex: "raydium", price: "150", amountOut: "290" },
    { dex: "meteora", price: "151", amountOut: "298" },
  ],
};
const FRESH = { state: "fresh", answer: ANSWER, problem: null };
const LOADING = { state: "loading", answer: null, problem: null };
const terms = (rest) => ({
  type: "market",
  tokenIn: "SOL",
  tokenOut: "USDC",
  amountIn: "2",
  triggerPrice: null,
  ...rest,
});

test("without an amount it asks for one", () => {
  assert.match(whatHappens(terms({ amountIn: null }), LOADING), /^Enter an amount/);
});

test("a market order tells the best offer, or why there is none", () => {
  assert.equal(
    whatHappens(terms(), FRESH),
    "You would receive about 298 USDC, at least 295.02. Meteora pays 2.76 % more than Raydium.",
  );
  assert.equal(whatHappens(terms(), LOADING), "Asking each venue for a quote.");
  const problem = { state: "problem", answer: null, problem: { message: "No venue answers." } };
  assert.equal(whatHappens(terms(), problem), "No venue answers.");
});

test("a limit says the least it brings, exactly, and where the market is", () => {
  const limit = terms({ type: "limit", triggerPrice: "298" });
  assert.equal(
    whatHappens(limit, FRESH),
    "Waits until 2 SOL brings at least 596 USDC after fees, then swaps. Never for less. " +
      "The market is at 149 now, 100 % away. It would fill at about 298 USDC per SOL.",
  );
  assert.ok(whatHappens(limit, LOADING).endsWith("Never for less."));
});

test("a stop says when it sells", () => {
  assert.equal(
    whatHappens(terms({ type: "stop", triggerPrice: "75.5" }), FRESH),
    "Waits until 1 SOL is worth 75.5 USDC or less, then sells 2 SOL at the market price. " +
      "The market is at 151 now, 50 % away. It would fill at about 74.5 USDC per SOL.",
  );
});

test("an order whose trigger is reached says that it triggers at once", () => {
  const reached = /so the order triggers at once and would fill at about 149 USDC per SOL\.$/;
  assert.match(whatHappens(terms({ type: "limit", triggerPrice: "149" }), FRESH), reached);
  assert.match(whatHappens(terms({ type: "stop", triggerPrice: "151" }), FRESH), reached);
  assert.doesNotMatch(whatHappens(terms({ type: "limit", triggerPrice: "150" }), FRESH), reached);
});

test("without a price it says which one to set", () => {
  assert.match(whatHappens(terms({ type: "limit" }), FRESH), /price you accept/);
  assert.match(whatHappens(terms({ type: "stop" }), FRESH), /price to sell at/);
});

test("a sniper names its token once it is chosen", () => {
  const sniper = (tokenOut) => whatHappens(terms({ type: "sniper", tokenOut }), LOADING);
  assert.match(sniper(""), /^Spends 2 SOL on the token as soon as/);
  assert.match(sniper("COMET"), /^Spends 2 SOL on COMET as soon as/);
});

test("a stop at or above the market is reached already", () => {
  const reached = (triggerPrice) => isReached(terms({ type: "stop", triggerPrice }), ANSWER);
  assert.equal(reached("151"), true);
  assert.equal(reached("200"), true);
  assert.equal(reached("150.99"), false);
  assert.equal(reached(null), false);
});

test("a stop would fill below its price by what fee and impact take", () => {
  const estimate = (rest) => fillEstimate(terms(rest), ANSWER);
  assert.equal(estimate({ type: "stop", triggerPrice: "75.5" }), 74.5);
  assert.equal(estimate({ type: "stop", triggerPrice: "200" }), 149);
  assert.equal(estimate({ type: "limit", triggerPrice: "160" }), 160);
  assert.equal(estimate({ type: "limit", triggerPrice: "100" }), 149);
});

test("who buys SOL reads of USDC per SOL", () => {
  const answer = { amountIn: "300", best: { amountOut: "1.5" }, quotes: [{ price: "0.00625" }] };
  const buying = { tokenIn: "USDC", tokenOut: "SOL", amountIn: "300" };
  const feed = { ...FRESH, answer };
  assert.equal(
    whatHappens(terms({ ...buying, type: "limit", triggerPrice: "0.008" }), feed),
    "Waits until 300 USDC brings at least 2.4 SOL after fees, then swaps. Never for less. " +
      "The market is at 200 now, 37.5 % away. It would fill at about 125 USDC per SOL.",
  );
  assert.equal(
    whatHappens(terms({ ...buying, type: "stop", triggerPrice: "0.005" }), feed),
    "Waits until 1 SOL costs 200 USDC or more, then sells 300 USDC at the market price. " +
      "The market is at 160 now, 25 % away. It would fill at about 250 USDC per SOL.",
  );
});
