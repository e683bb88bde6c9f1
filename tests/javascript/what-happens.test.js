/** The sentence that says what sending the ticket would do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { stopIsReached, whatHappens } from "../../static/js/ticket/what-happens.js";

const ANSWER = {
  amountIn: "2",
  best: { amountOut: "298" },
  quotes: [{ price: "150" }, { price: "151" }],
  message: "Meteora pays 298 USDC.",
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

test("a market order repeats the server's comparison, or its problem", () => {
  assert.equal(whatHappens(terms(), FRESH), "Meteora pays 298 USDC.");
  assert.equal(whatHappens(terms(), LOADING), "Asking each venue for a quote.");
  const problem = { state: "problem", answer: null, problem: { message: "No venue answers." } };
  assert.equal(whatHappens(terms(), problem), "No venue answers.");
});

test("a limit says the least it brings, exactly, and where the market is", () => {
  const limit = terms({ type: "limit", triggerPrice: "298" });
  assert.equal(
    whatHappens(limit, FRESH),
    "Waits until 2 SOL brings at least 596 USDC after fees, then swaps. Never for less. " +
      "The market pays 149 now, 100 % away.",
  );
  assert.ok(whatHappens(limit, LOADING).endsWith("Never for less."));
});

test("a stop says when it sells", () => {
  assert.equal(
    whatHappens(terms({ type: "stop", triggerPrice: "75.5" }), FRESH),
    "Waits until 1 SOL is worth 75.5 USDC or less, then sells 2 SOL at the market price. " +
      "The market pays 151 now, 50 % away.",
  );
});

test("an order whose trigger is reached says that it triggers at once", () => {
  const reached = /so the order triggers at once\.$/;
  assert.match(whatHappens(terms({ type: "limit", triggerPrice: "149" }), FRESH), reached);
  assert.match(whatHappens(terms({ type: "stop", triggerPrice: "151" }), FRESH), reached);
  assert.doesNotMatch(whatHappens(terms({ type: "limit", triggerPrice: "150" }), FRESH), reached);
});

test("without a price it says which one to set", () => {
  assert.match(whatHappens(terms({ type: "limit" }), FRESH), /lowest price you accept/);
  assert.match(whatHappens(terms({ type: "stop" }), FRESH), /price to sell at/);
});

test("a sniper names its token once it is chosen", () => {
  const sniper = (tokenOut) => whatHappens(terms({ type: "sniper", tokenOut }), LOADING);
  assert.match(sniper(""), /^Spends 2 SOL on the token as soon as/);
  assert.match(sniper("COMET"), /^Spends 2 SOL on COMET as soon as/);
});

test("a stop at or above the market is reached already", () => {
  const reached = (triggerPrice) => stopIsReached(terms({ type: "stop", triggerPrice }), ANSWER);
  assert.equal(reached("151"), true);
  assert.equal(reached("200"), true);
  assert.equal(reached("150.99"), false);
  assert.equal(reached(null), false);
});
