/** What the ticket's fields make: an order, or the first obstacle to it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addTokens } from "../../static/js/market/tokens.js";
import { OrderTerms } from "../../static/js/ticket/order-terms.js";

const MINT = "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG";
const NOW = Date.parse("2026-01-31T09:30:00Z");
addTokens([
  { symbol: "SOL", mint: `${"S".repeat(43)}1`, decimals: 9 },
  { symbol: "USDC", mint: `${"U".repeat(43)}1`, decimals: 6 },
  { symbol: "COMET", mint: `${"C".repeat(43)}1`, decimals: 6 },
]);

const terms = (fields = {}) =>
  new OrderTerms({
    type: "market",
    tokenIn: "SOL",
    tokenOut: "USDC",
    snipeToken: "",
    amountIn: "1,5",
    price: { typed: "", sent: null },
    minLiquidity: "",
    expiresInS: "3600",
    slippageBps: 100,
    ...fields,
  });
const obstacle = (fields) => terms(fields).obstacle;

test("a market order carries its amount digit for digit", () => {
  const order = terms({ amountIn: "0,123456789" }).toOrder(NOW);
  assert.deepEqual(order, {
    type: "market",
    tokenIn: "SOL",
    tokenOut: "USDC",
    amountIn: "0.123456789",
    maxSlippageBps: 100,
  });
});

test("resting orders carry their trigger and their expiry, and nothing of the other types", () => {
  const typed = { price: { typed: "400,10", sent: "400.1" }, minLiquidity: "1" };
  const expiresAt = "2026-01-31T10:30:00.000Z";
  const base = {
    tokenIn: "SOL",
    tokenOut: "USDC",
    amountIn: "1.5",
    maxSlippageBps: 100,
    expiresAt,
  };
  assert.deepEqual(terms({ type: "limit", ...typed }).toOrder(NOW), {
    type: "limit",
    limitPrice: "400.1",
    ...base,
  });
  assert.deepEqual(terms({ type: "stop", ...typed }).toOrder(NOW), {
    type: "stop",
    stopPrice: "400.1",
    ...base,
  });
});

test("a sniper names its token by symbol in any case or by mint", () => {
  const sniper = (snipeToken) => terms({ type: "sniper", snipeToken }).toOrder(NOW);
  assert.equal(sniper(" comet ").tokenOut, "COMET");
  assert.equal(sniper(`${"C".repeat(43)}1`).tokenOut, "COMET");
  assert.equal(sniper(MINT).tokenOut, MINT);
  assert.equal(sniper("comet").minLiquidity, "0");
});

test("complete terms have no obstacle", () => {
  assert.equal(obstacle(), null);
  assert.equal(obstacle({ type: "limit", price: { typed: "0.5", sent: "2" } }), null);
  assert.equal(obstacle({ type: "stop", price: { typed: "1", sent: "1" } }), null);
  assert.equal(obstacle({ type: "sniper", snipeToken: MINT, minLiquidity: "50 000" }), null);
});

test("what is missing is named on the button alone", () => {
  assert.deepEqual(obstacle({ amountIn: " " }), { field: "amount-in", button: "Enter an amount" });
  assert.deepEqual(obstacle({ type: "limit" }), {
    field: "limit-price",
    button: "Enter a limit price",
  });
  assert.deepEqual(obstacle({ type: "stop" }), {
    field: "stop-price",
    button: "Enter a stop price",
  });
  assert.deepEqual(obstacle({ type: "sniper" }), {
    field: "snipe-token",
    button: "Choose a token to buy",
  });
  assert.deepEqual(obstacle({ slippageBps: null }), {
    field: "custom-slippage",
    button: "Enter a slippage tolerance",
  });
});

test("what is wrong is explained at its field", () => {
  const explained = (fields) => {
    const { field, message } = obstacle(fields);
    return [field, message];
  };
  assert.deepEqual(explained({ amountIn: "1.0000000001" }), [
    "amount-in",
    "SOL has at most 9 decimals",
  ]);
  assert.deepEqual(explained({ type: "limit", price: { typed: "0", sent: null } }), [
    "limit-price",
    "Enter a number above 0, such as 150.5",
  ]);
  assert.deepEqual(explained({ type: "stop", price: { typed: "1", sent: null } }), [
    "stop-price",
    "This price is beyond what can be ordered",
  ]);
  assert.deepEqual(explained({ type: "sniper", snipeToken: "NOBODY" }), [
    "snipe-token",
    "Enter a listed symbol or a mint address",
  ]);
  assert.deepEqual(explained({ type: "sniper", snipeToken: "sol" }), [
    "snipe-token",
    "This is the token you pay with",
  ]);
  assert.deepEqual(explained({ type: "sniper", snipeToken: MINT, minLiquidity: "much" }), [
    "min-liquidity",
    "Enter a number, such as 50000",
  ]);
});

test("the amount comes first of several obstacles", () => {
  assert.equal(obstacle({ amountIn: "", slippageBps: null, type: "limit" }).field, "amount-in");
});

test("a field that another type uses is no obstacle", () => {
  assert.equal(
    obstacle({ minLiquidity: "much", price: { typed: "x", sent: null }, snipeToken: "NOBODY" }),
    null,
  );
});

test("an order carries its scenario only if one is chosen", () => {
  assert.equal(terms({ scenario: "improves:50" }).toOrder(NOW).scenario, "improves:50");
  assert.equal("scenario" in terms({ scenario: "" }).toOrder(NOW), false);
});
