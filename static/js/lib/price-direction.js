/**
 * Which way round a price is shown. The API knows one way, tokenOut per tokenIn; people say "USDC
 * per SOL" whichever of the two they buy. Prices go from one way to the other as exact decimals.
 */

import { isGreater, isZero, readDecimal, reciprocal, reciprocalDecimals } from "./exact-amount.js";
import { amount, plainDecimal } from "./format.js";
import { readStored, writeStored } from "./stored-json.js";

const QUOTES = ["USDC", "USDT", "PYUSD", "SOL"]; // What prices are given in, the first one found.
const KEY = "orders.invertedPairs";
const MAX_INVERTED = 50;
const SENT_DECIMALS = 18; // What the API takes: 28 digits, 18 of them decimals, at most 10^18.
const SENT_DIGITS = 28;
const MOST = `1${"0".repeat(18)}`;
const READ_DIGITS = 18;
const listeners = new Set();

/**
 * How the pair's price reads: {base, quote, flipped, unit}. `flipped` is whether what is shown is
 * 1 / price; `inverted` lists the pairs that the user has turned round.
 */
export function directionOf(tokenIn, tokenOut, inverted = readStored(KEY, [])) {
  const straight = rank(tokenOut) < rank(tokenIn) || precedes(tokenOut, tokenIn);
  const flipped = straight === inverted.includes(nameOf(tokenIn, tokenOut));
  const [base, quote] = flipped ? [tokenOut, tokenIn] : [tokenIn, tokenOut];
  return { base, quote, flipped, unit: `${quote} per ${base}` };
}

function rank(symbol) {
  const at = QUOTES.indexOf(symbol);
  return at < 0 ? QUOTES.length : at;
}

/** Of two tokens that are both no usual quote, the first in the alphabet is it. */
function precedes(one, other) {
  return rank(one) === rank(other) && one < other;
}

function nameOf(one, other) {
  return [one, other].sort().join("/");
}

/** Turns the pair's price round, for all pages of this browser, until it is turned back. */
export function invertPair(tokenIn, tokenOut) {
  const name = nameOf(tokenIn, tokenOut);
  const others = readStored(KEY, []).filter((each) => each !== name);
  const turned = others.length < readStored(KEY, []).length ? others : [...others, name];
  writeStored(KEY, turned.slice(-MAX_INVERTED));
  notify();
}

/** Calls `listener` after a pair was turned round, also in another tab. */
export function onInvert(listener) {
  if (!listeners.size) addEventListener("storage", ({ key }) => key === KEY && notify());
  listeners.add(listener);
}

function notify() {
  for (const listener of listeners) listener();
}

/** The API's price as it is shown, to 18 digits; a number or decimal text. */
export function shownPrice(price, { flipped }) {
  const text = plainDecimal(price);
  if (!flipped || isZero(text)) return text;
  return reciprocal(text, reciprocalDecimals(text, READ_DIGITS));
}

/** The API's price in words: "150.2 USDC per SOL". */
export function priceText(price, tokenIn, tokenOut) {
  const direction = directionOf(tokenIn, tokenOut);
  return `${amount(shownPrice(price, direction))} ${direction.unit}`;
}

/**
 * The API's price for what was typed as it is shown, or null where the API cannot take it. The 18th
 * decimal is rounded: `rounding` is "up" or "down".
 */
export function sentPrice(typed, { flipped }, rounding) {
  const shown = readDecimal(typed);
  if (shown === null || isZero(shown)) return null;
  const price = flipped ? roundedReciprocal(shown, rounding) : shown;
  return isZero(price) || isGreater(price, MOST) ? null : price;
}

function roundedReciprocal(shown, rounding) {
  const price = reciprocal(shown, SENT_DECIMALS, rounding);
  const decimals = SENT_DIGITS - price.split(".")[0].length;
  if (decimals >= SENT_DECIMALS) return price;
  return reciprocal(shown, Math.max(0, decimals), rounding);
}

/** What to type for the API to get exactly this price: the shortest such text, where there is one. */
export function typedPrice(price, direction, rounding) {
  const text = plainDecimal(price);
  if (!direction.flipped) return text;
  for (let digits = 1; digits <= SENT_DIGITS; digits++) {
    const typed = reciprocal(text, reciprocalDecimals(text, digits));
    if (sentPrice(typed, direction, rounding) === text) return typed;
  }
  return shownPrice(price, direction);
}
