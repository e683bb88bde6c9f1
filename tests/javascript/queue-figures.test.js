/** The figures of the operations page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countText,
  failureRows,
  gaugeText,
  successRate,
} from "../../static/js/operations/queue-figures.js";

test("counts are grouped, spans of time are not counts, unknown is a dash", () => {
  assert.equal(countText(1234567), "1,234,567");
  assert.equal(gaugeText("waiting", 0), "0");
  assert.equal(gaugeText("workers", 12), "12");
  assert.equal(gaugeText("oldestWaitingSeconds", 75), "1 min 15 s");
  assert.equal(gaugeText("oldestWaitingSeconds", null), "–");
  assert.equal(gaugeText("throughputPerMinute", undefined), "–");
});

test("the success rate is that of finished orders", () => {
  assert.equal(successRate({ completed: 199, failed: 1 }), "99.5 %");
  assert.equal(successRate({ completed: 0, failed: 3 }), "0 %");
  assert.equal(successRate({ completed: 0, failed: 0 }), "–");
});

test("failures are listed by frequency with their share", () => {
  assert.deepEqual(failureRows({ no_quote: 1, slippage_exceeded: 3 }), [
    { name: "slippage exceeded", count: 3, total: 4 },
    { name: "no quote", count: 1, total: 4 },
  ]);
  assert.deepEqual(failureRows({}), []);
});
