/** The words of an order's timeline. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eventText,
  eventTitle,
  isRetry,
  timeInStep,
} from "../../static/js/orders/timeline-text.js";

const ORDER = { tokenIn: "SOL", tokenOut: "USDC" };
const event = (status, data = {}, seconds = 0) => ({
  status,
  data,
  timestamp: new Date(Date.parse("2026-01-31T09:30:00Z") + seconds * 1000).toISOString(),
});
const textOf = (status, data) => eventText(ORDER, event(status, data));

test("each step has a sentence", () => {
  assert.equal(textOf("pending"), "Accepted and stored");
  assert.equal(textOf("routing", { attempt: 1 }), "Asked each venue for a quote");
  assert.equal(textOf("building", { chosenDex: "raydium" }), "Swap built on Raydium");
  assert.equal(textOf("building", { reason: "Meteora pays more." }), "Meteora pays more.");
  assert.equal(
    textOf("submitted", { chosenDex: "raydium", txHash: "5abcdefghijklmnop" }),
    "Signed and sent to Raydium as 5abcde…klmnop",
  );
  assert.equal(textOf("confirmed", { amountOut: "150", slot: 42 }), "Received 150 USDC in slot 42");
  assert.equal(textOf("failed", { error: { message: "Too late." } }), "Too late.");
  assert.equal(textOf("cancelled"), "Cancelled before anything was sent");
  assert.equal(textOf("expired"), "Expired before its condition was met");
  assert.equal(textOf("open"), "Resting until its condition is met");
  assert.match(textOf("open", { expiresAt: "2026-02-01T00:00:00Z" }), /^Resting until .*2026/);
});

test("a cancelled order says whether another one of its group triggered", () => {
  assert.match(textOf("cancelled", { reason: "oco_triggered", by: "x" }), /another order/);
  assert.equal(textOf("cancelled", { reason: "user" }), "Cancelled before anything was sent");
});

test("a status that is new to the page has no sentence rather than a wrong one", () => {
  assert.equal(textOf("settling"), "");
});

test("a trigger tells its price", () => {
  const triggered = event("pending", { trigger: { price: "151.25" } });
  assert.equal(eventTitle(triggered), "Triggered");
  assert.equal(eventText(ORDER, triggered), "The price reached 151.25 USDC per SOL");
});

test("an amendment says each term, before and after", () => {
  const amended = {
    limitPrice: { from: "210", to: "205.5" },
    amountIn: { from: 1, to: 2 },
    maxSlippageBps: { from: 100, to: 50 },
    novelty: { from: "a", to: "b" },
  };
  const changed = event("open", { limitPrice: "205.5", amended });
  assert.equal(eventTitle(changed), "Amended");
  assert.equal(
    eventText(ORDER, changed),
    "Limit price from 210 to 205.5 USDC per SOL; Amount from 1 to 2 SOL; " +
      "Slippage tolerance from 1 % to 0.5 %; novelty from a to b.",
  );
});

test("a retry is told apart from the first wait", () => {
  const retry = event("pending", { error: { message: "No quote." }, attempt: 2 });
  assert.ok(isRetry(retry));
  assert.ok(!isRetry(event("pending")));
  assert.ok(!isRetry(event("failed", { error: { message: "No quote." } })));
  assert.equal(eventTitle(retry), "Waiting to retry");
  assert.equal(eventText(ORDER, retry), "No quote.");
  assert.equal(eventTitle(event("pending")), "Pending");
});

test("a step lasts until the next one, the last one until now", () => {
  assert.equal(timeInStep(event("routing"), event("building", {}, 2.4)), "2.4 s");
  assert.equal(timeInStep(event("routing"), undefined), "Now");
  assert.equal(timeInStep(event("failed"), undefined), "Done");
});
