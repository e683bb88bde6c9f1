/** The words for where an order stands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { endingText } from "../../static/js/orders/ending-toasts.js";
import { STEPS } from "../../static/js/orders/order-state.js";
import {
  advice,
  ICONS,
  LABELS,
  label,
  sentence,
  TYPE_NAMES,
  timing,
} from "../../static/js/orders/status-text.js";

const NOW = Date.parse("2026-01-31T09:30:00Z");
const after = (ms) => new Date(NOW + ms).toISOString();
const order = (rest = {}) => ({
  orderId: "019de000-0000-7000-8000-0123456789ab",
  type: "market",
  status: "pending",
  tokenIn: "SOL",
  tokenOut: "USDC",
  amountIn: "1.5",
  attempts: 0,
  retry: null,
  updatedAt: after(-5000),
  ...rest,
});
const RETRY = { attempt: 2, at: after(1500), message: "No venue gave a usable quote." };

test("every status has a label, every look an icon, every type a name", () => {
  for (const status of [...STEPS, "open", "failed", "cancelled", "expired"]) {
    assert.ok(LABELS[status], status);
    assert.ok(label(order({ status })), status);
  }
  for (const look of ["resting", "waiting", "retrying", "working", "confirmed", "failed"]) {
    assert.ok(ICONS[look], look);
  }
  assert.deepEqual(Object.keys(TYPE_NAMES), ["market", "limit", "stop", "sniper"]);
});

test("a pending order waits, or waits for its next attempt", () => {
  assert.equal(label(order()), "Waiting");
  assert.equal(label(order({ retry: RETRY })), "Retrying");
});

test("resting orders say what they wait for", () => {
  const resting = (rest) => sentence(order({ status: "open", ...rest }));
  assert.equal(
    resting({ type: "limit", limitPrice: "100000" }),
    "Fills at 100,000 USDC per SOL or more",
  );
  assert.equal(
    resting({ type: "stop", stopPrice: "140.5" }),
    "Triggers at 140.5 USDC per SOL or less",
  );
  assert.equal(
    resting({ type: "sniper", tokenOut: "COMET", minLiquidity: "0" }),
    "Buys when the COMET pool opens",
  );
  assert.equal(
    resting({ type: "sniper", tokenOut: "COMET", minLiquidity: "50000" }),
    "Buys when the COMET pool opens with at least $50,000 of liquidity",
  );
});

test("an order at work says what is being done, and in which attempt if not the first", () => {
  const working = (status, rest) => sentence(order({ status, dexUsed: "meteora", ...rest }));
  assert.equal(working("routing", { attempts: 1 }), "Asking each venue for a quote");
  assert.equal(
    working("routing", { attempts: 2 }),
    "Asking each venue for a quote (attempt 2 of 4)",
  );
  assert.equal(
    working("building", { attempts: 1, minAmountOut: "148.5" }),
    "Building the swap on Meteora, at least 148.5 USDC",
  );
  assert.equal(working("submitted", { attempts: 1 }), "Sent to Meteora; waiting for confirmation");
});

test("a retry gives its reason and the attempt that follows", () => {
  assert.equal(
    sentence(order({ retry: RETRY })),
    "No venue gave a usable quote. Attempt 2 of 4 follows.",
  );
});

test("an ended order says how it ended", () => {
  const ended = (status, rest) => sentence(order({ status, ...rest }));
  assert.equal(
    ended("confirmed", { amountOut: "225.1234", dexUsed: "raydium" }),
    "Received 225.1234 USDC on Raydium",
  );
  assert.equal(ended("failed", { failReason: "Too little liquidity." }), "Too little liquidity.");
  assert.equal(ended("failed"), "The swap was not executed.");
  assert.equal(ended("cancelled"), "Cancelled before anything was sent");
  assert.match(ended("cancelled", { cancelledBy: { reason: "oco_triggered" } }), /another order/);
  assert.match(ended("cancelled", { cancelledBy: { reason: "reset" } }), /started over/);
  assert.equal(ended("expired"), "Expired before its condition was met");
});

test("the clock's part tells the next attempt, the expiry, or the age", () => {
  assert.equal(timing(order({ retry: RETRY }), NOW), "next attempt in 2 s");
  assert.equal(timing(order({ retry: RETRY }), NOW + 1500), "next attempt now");
  const resting = order({ status: "open", expiresAt: after(3_600_000) });
  assert.equal(timing(resting, NOW), "expires in 1 h");
  assert.equal(timing(resting, NOW + 3_600_000), "expires now");
  assert.equal(timing(order(), NOW), "5 s ago");
});

test("every failure has an advice, known codes their own", () => {
  assert.match(advice("slippage_exceeded"), /more slippage/);
  assert.match(advice("pool_not_found"), /sniper/);
  assert.match(advice("something_new"), /timeline/);
});

test("a toast tells in one line how an order ended", () => {
  const ending = (status, rest) => endingText(order({ status, ...rest }));
  assert.equal(
    ending("confirmed", { amountOut: "225.1", dexUsed: "raydium" }),
    "1.5 SOL swapped for 225.1 USDC on Raydium",
  );
  assert.equal(ending("failed", { failReason: "Too late." }), "Too late.");
  assert.equal(ending("cancelled"), "1.5 SOL to USDC, 456789ab");
});
