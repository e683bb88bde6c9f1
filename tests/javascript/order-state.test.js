/** What records and events make of an order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyEvent,
  checkSequence,
  fromRecord,
  isCancellable,
  isNewer,
  isTerminal,
  lacksRetryReason,
  lookOf,
  mergeRecord,
  newestFirst,
  STEPS,
  stepState,
} from "../../static/js/orders/order-state.js";

const record = (rest = {}) => ({
  orderId: "a",
  status: "pending",
  sequence: 1,
  attempts: 0,
  txHash: null,
  ...rest,
});
const event = (sequence, status, data = {}, rest = {}) => ({
  orderId: "a",
  sequence,
  status,
  timestamp: `2026-01-31T09:30:0${sequence}Z`,
  data,
  ...rest,
});
const stepsOf = (order) => STEPS.map((_, index) => stepState(order, index));

test("a record shows how far the order came", () => {
  const stepOf = (rest) => fromRecord(record(rest)).step;
  assert.equal(stepOf({ status: "building" }), 2);
  assert.equal(stepOf({ status: "open" }), 0);
  assert.equal(stepOf({ status: "failed", txHash: "5".repeat(88), attempts: 1 }), 3);
  assert.equal(stepOf({ status: "failed", attempts: 1 }), 1);
  assert.equal(stepOf({ status: "cancelled" }), 0);
});

test("the events of a swap lead through all steps", () => {
  const events = [
    event(2, "routing", { attempt: 1 }),
    event(3, "building", { attempt: 1, chosenDex: "meteora", minAmountOut: "148.5" }),
    event(4, "submitted", { attempt: 1, chosenDex: "meteora" }, { txHash: "5abc" }),
    event(5, "confirmed", { amountOut: "150", slot: 9 }, { executedPrice: "100" }),
  ];
  const order = events.reduce(applyEvent, fromRecord(record({ amountIn: "1.5" })));
  assert.deepEqual(
    { ...order },
    {
      ...record({ amountIn: "1.5" }),
      status: "confirmed",
      sequence: 5,
      step: 4,
      attempts: 1,
      retry: null,
      dexUsed: "meteora",
      minAmountOut: "148.5",
      txHash: "5abc",
      amountOut: "150",
      executedPrice: "100",
      updatedAt: "2026-01-31T09:30:05Z",
    },
  );
  assert.deepEqual(stepsOf(order), ["done", "done", "done", "done", "done"]);
});

test("an amendment changes the terms and leaves the order resting", () => {
  const before = fromRecord(record({ type: "limit", status: "open", limitPrice: "210" }));
  const amended = { limitPrice: { from: "210", to: "205" }, amountIn: { from: "1", to: "2" } };
  const order = applyEvent(before, event(2, "open", { limitPrice: "205", amended }));
  assert.deepEqual(
    [order.status, order.sequence, order.limitPrice, order.amountIn],
    ["open", 2, "205", "2"],
  );
});

test("a cancelled order knows what cancelled it", () => {
  const before = fromRecord(record({ status: "open", ocoGroup: "g" }));
  const told = applyEvent(before, event(2, "cancelled", { reason: "oco_triggered", by: "x" }));
  assert.deepEqual(told.cancelledBy, { reason: "oco_triggered", by: "x" });
});

test("applying an event leaves the earlier order as it was", () => {
  const before = fromRecord(record());
  applyEvent(before, event(2, "routing", { attempt: 1 }));
  assert.equal(before.status, "pending");
  assert.equal(before.sequence, 1);
});

test("a retry tells its reason, its attempt and its time, until the attempt begins", () => {
  const failure = { code: "venue_timeout", message: "No venue answered." };
  const waiting = applyEvent(
    fromRecord(record({ sequence: 2, status: "routing", attempts: 1 })),
    event(3, "pending", { error: failure, attempt: 2, retryAt: "2026-01-31T09:30:05Z" }),
  );
  assert.deepEqual(waiting.retry, {
    attempt: 2,
    at: "2026-01-31T09:30:05Z",
    message: "No venue answered.",
  });
  assert.equal(waiting.attempts, 1);
  assert.equal(lookOf(waiting), "retrying");
  const again = applyEvent(waiting, event(4, "routing", { attempt: 2 }));
  assert.equal(again.retry, null);
  assert.equal(again.attempts, 2);
  assert.equal(lookOf(again), "working");
});

test("a failure keeps the step it was reached in and says why", () => {
  const submitted = fromRecord(record({ status: "submitted", sequence: 4, txHash: "5abc" }));
  const failed = applyEvent(
    submitted,
    event(5, "failed", { error: { code: "slippage_exceeded", message: "Too far." }, attempts: 4 }),
  );
  assert.equal(failed.failCode, "slippage_exceeded");
  assert.equal(failed.failReason, "Too far.");
  assert.equal(failed.attempts, 4);
  assert.deepEqual(stepsOf(failed), ["done", "done", "done", "stopped", "ahead"]);
});

test("a cancelled order keeps who or what ended it, as its record would", () => {
  const resting = fromRecord(record({ status: "open", sequence: 1 }));
  const cancelled = applyEvent(resting, event(2, "cancelled", { reason: "user" }));
  assert.deepEqual(cancelled.cancelledBy, { reason: "user", by: null });
  const other = applyEvent(resting, event(2, "cancelled", { reason: "oco_triggered", by: "x" }));
  assert.deepEqual(other.cancelledBy, { reason: "oco_triggered", by: "x" });
});

test("an order at work has one current step, a resting one none", () => {
  const building = fromRecord(record({ status: "building" }));
  assert.deepEqual(stepsOf(building), ["done", "done", "current", "ahead", "ahead"]);
  const open = fromRecord(record({ status: "open" }));
  assert.deepEqual(stepsOf(open), ["ahead", "ahead", "ahead", "ahead", "ahead"]);
});

test("an event follows, is known already, or shows that others are missing", () => {
  const order = fromRecord(record({ sequence: 3 }));
  assert.equal(checkSequence(order, event(3, "routing")), "seen");
  assert.equal(checkSequence(order, event(4, "building")), "next");
  assert.equal(checkSequence(order, event(6, "confirmed")), "gap");
});

test("only a record with later events is news", () => {
  const order = fromRecord(record({ sequence: 3 }));
  assert.ok(!isNewer(record({ sequence: 3 }), order));
  assert.ok(isNewer(record({ sequence: 4 }), order));
});

test("a record of the end does not move the steps back", () => {
  const submitted = fromRecord(record({ status: "submitted", sequence: 4 }));
  const expired = mergeRecord(submitted, record({ status: "failed", sequence: 5, attempts: 1 }));
  assert.equal(expired.step, 3);
  const routing = mergeRecord(submitted, record({ status: "routing", sequence: 6, attempts: 2 }));
  assert.equal(routing.step, 1);
});

test("a pending order with attempts and no reason has to be explained", () => {
  assert.ok(lacksRetryReason(fromRecord(record({ attempts: 1 }))));
  assert.ok(!lacksRetryReason(fromRecord(record())));
  assert.ok(!lacksRetryReason(fromRecord(record({ attempts: 1, status: "routing" }))));
});

test("orders can be cancelled only before a worker takes them", () => {
  for (const status of ["open", "pending"]) assert.ok(isCancellable({ status }));
  for (const status of ["routing", "building", "submitted", "confirmed", "cancelled"]) {
    assert.ok(!isCancellable({ status }), status);
  }
});

test("four statuses are final", () => {
  for (const status of ["confirmed", "failed", "cancelled", "expired"]) {
    assert.ok(isTerminal({ status }), status);
  }
  for (const status of [...STEPS.slice(0, 4), "open"]) assert.ok(!isTerminal({ status }), status);
});

test("lists are sorted by time, then by id, newest first", () => {
  const [old, a, b] = [
    { orderId: "c", createdAt: "2026-01-31T09:30:00Z" },
    { orderId: "a", createdAt: "2026-01-31T09:31:00Z" },
    { orderId: "b", createdAt: "2026-01-31T09:31:00Z" },
  ];
  assert.deepEqual([old, a, b].sort(newestFirst), [b, a, old]);
});
