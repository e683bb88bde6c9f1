/** Prices the right way round, exactly. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  directionOf,
  invertPair,
  priceText,
  sentPrice,
  shownPrice,
  typedPrice,
} from "../../static/js/lib/price-direction.js";
import { MemoryStorage } from "./memory-storage.js";

const STRAIGHT = { flipped: false };
const FLIPPED = { flipped: true };

beforeEach(() => {
  globalThis.localStorage = new MemoryStorage();
});

test("stable coins are quotes, then SOL, whichever of the two is bought", () => {
  const units = [
    ["SOL", "USDC", "USDC per SOL"],
    ["USDC", "SOL", "USDC per SOL"],
    ["USDT", "USDC", "USDC per USDT"],
    ["BONK", "SOL", "SOL per BONK"],
    ["SOL", "PYUSD", "PYUSD per SOL"],
    ["WIF", "USDT", "USDT per WIF"],
  ];
  for (const [tokenIn, tokenOut, unit] of units) {
    assert.equal(directionOf(tokenIn, tokenOut).unit, unit);
    assert.equal(directionOf(tokenOut, tokenIn).unit, unit);
  }
});

test("two tokens that are no usual quotes read alike in both directions too", () => {
  assert.deepEqual(directionOf("ETH", "BTC"), {
    base: "ETH",
    quote: "BTC",
    flipped: false,
    unit: "BTC per ETH",
  });
  assert.equal(directionOf("BTC", "ETH").unit, "BTC per ETH");
  assert.equal(directionOf("BTC", "ETH").flipped, true);
});

test("an inverted pair stays inverted, in both directions, until it is turned back", () => {
  invertPair("SOL", "USDC");
  assert.equal(directionOf("SOL", "USDC").unit, "SOL per USDC");
  assert.equal(directionOf("USDC", "SOL").unit, "SOL per USDC");
  assert.equal(directionOf("SOL", "USDT").unit, "USDT per SOL");
  invertPair("USDC", "SOL");
  assert.equal(directionOf("SOL", "USDC").unit, "USDC per SOL");
});

test("a price is shown as it is or as its reciprocal, a float's exponent included", () => {
  assert.equal(shownPrice("151.20", STRAIGHT), "151.20");
  assert.equal(shownPrice("0.00625", FLIPPED), "160");
  assert.equal(shownPrice(1e-8, FLIPPED), "100000000");
  assert.equal(shownPrice("3", FLIPPED), "0.333333333333333333");
  assert.equal(shownPrice("0", FLIPPED), "0");
});

test("a price reads with its unit", () => {
  assert.equal(priceText("0.00625", "USDC", "SOL"), "160 USDC per SOL");
  assert.equal(priceText("160", "SOL", "USDC"), "160 USDC per SOL");
});

test("a limit is rounded so that it never pays more than was typed, a stop never triggers before", () => {
  assert.equal(sentPrice("150", FLIPPED, "up"), "0.006666666666666667");
  assert.equal(sentPrice("150", FLIPPED, "down"), "0.006666666666666666");
  assert.equal(sentPrice("160", FLIPPED, "up"), "0.00625");
  assert.equal(sentPrice("150,5", STRAIGHT, "up"), "150.5");
});

test("the API gets no more digits than it takes", () => {
  assert.equal(sentPrice("0.00000000000003", FLIPPED, "down"), "33333333333333.33333333333333");
  assert.equal(sentPrice("0.0000000000000000003", FLIPPED, "up"), null);
  assert.equal(sentPrice(`1${"0".repeat(19)}`, FLIPPED, "down"), null);
});

test("what is no price is not sent", () => {
  for (const typed of ["", "0", "0.00", "x", "-1"]) {
    assert.equal(sentPrice(typed, FLIPPED, "up"), null);
    assert.equal(sentPrice(typed, STRAIGHT, "up"), null);
  }
});

test("the text for a price is the short one that was typed, and stands for exactly that price", () => {
  for (const typed of ["150", "151.2003", "0.07", "98123.45", "7"]) {
    const price = sentPrice(typed, FLIPPED, "up");
    assert.equal(typedPrice(price, FLIPPED, "up"), typed);
  }
  assert.equal(typedPrice("0.00812345", FLIPPED, "up").length < 28, true);
  const exact = typedPrice("0.00812345", FLIPPED, "up");
  assert.equal(sentPrice(exact, FLIPPED, "up"), "0.00812345");
  assert.equal(typedPrice("1.5e2", STRAIGHT, "up"), "150");
});
