/** Whether the account can pay what the ticket asks for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { availableText, fundsObstacle, partOf } from "../../static/js/ticket/funds.js";

const terms = (amountIn) => ({ amountIn, tokenIn: "SOL" });

test("what is available is said with its token, and nothing while it is unknown", () => {
  assert.equal(availableText("1000.25", "SOL"), "Available 1,000.25 SOL");
  assert.equal(availableText(null, "SOL"), "");
});

test("max is all that is available, to the last digit", () => {
  assert.equal(partOf("max", "123456789.123456789", 9), "123456789.123456789");
});

test("half is rounded down to what the token can show", () => {
  assert.equal(partOf("half", "3", 9), "1.5");
  assert.equal(partOf("half", "0.000000003", 9), "0.000000001");
  assert.equal(partOf("half", "123456789012.000000001", 9), "61728394506");
});

test("there is no part of nothing, nor of what is unknown", () => {
  assert.equal(partOf("max", "0", 9), null);
  assert.equal(partOf("half", "0.000000001", 9), null);
  assert.equal(partOf("max", null, 9), null);
});

test("missing funds are named with both figures", () => {
  assert.deepEqual(fundsObstacle(terms("2000"), "1000"), {
    field: "amount-in",
    button: "Not enough SOL",
    message: "You have 1,000 SOL available; this needs 2,000",
  });
});

test("an order may spend all, but not a base unit more", () => {
  assert.equal(fundsObstacle(terms("1000"), "1000.000000000"), null);
  assert.ok(fundsObstacle(terms("1000.000000001"), "1000"));
});

test("nothing is missing for the anonymous or without an amount", () => {
  assert.equal(fundsObstacle(terms("2000"), null), null);
  assert.equal(fundsObstacle(terms(null), "1000"), null);
});
