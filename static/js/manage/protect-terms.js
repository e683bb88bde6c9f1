/** What protects a holding: a take-profit above the market and a stop-loss below it, linked. */

import { amountProblem, commaProblem, isGreater, readDecimal } from "../lib/exact-amount.js";
import { amount, plainDecimal } from "../lib/format.js";
import { shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { watchedPrice } from "../orders/trigger-distance.js";
import { isReached, marketText, priceOf } from "./price-hint.js";

export const DOLLARS = new Set(["USDC", "USDT", "PYUSD"]);
const REACH = 0.05;
const SHOWN_DIGITS = 6;
const SLIPPAGE_BPS = 100;

/** Whether what the order bought can be protected: it was filled, and not with dollars. */
export function isProtectable(order) {
  return order.status === "confirmed" && isOurs(order) && !DOLLARS.has(tokenName(order.tokenOut));
}

/** Whether the order is not one that a bot's own wallet signed. */
export function isOurs({ wallet, userId }) {
  return !wallet || Boolean(userId);
}

/**
 * Prices 5 % around the market of `answer`, the quotes, in the direction that is shown:
 * {takeProfit, stopLoss} as text.
 */
export function pricesAround(answer, direction) {
  const up = direction.flipped ? -REACH : REACH; // Who turns prices round gains by lower ones.
  return {
    takeProfit: shortDecimal(shownMarket("limit", answer, direction) * (1 + up)),
    stopLoss: shortDecimal(shownMarket("stop", answer, direction) * (1 - up)),
  };
}

function shownMarket(type, answer, direction) {
  return Number(shownPrice(watchedPrice(type, answer), direction));
}

function shortDecimal(value) {
  return readDecimal(plainDecimal(Number(value.toPrecision(SHOWN_DIGITS))));
}

/**
 * What is wrong with the typed texts: {amount, takeProfit, stopLoss}, each a sentence or null.
 * `holding` is {token, decimals, available, direction}, `available` null where nobody knows;
 * `answer` are the quotes, or null.
 */
export function protectionProblems(typed, holding, answer) {
  return {
    amount: holdingProblem(typed.amount, holding),
    takeProfit: priceProblem(typed.takeProfit, "limit", holding, answer),
    stopLoss: priceProblem(typed.stopLoss, "stop", holding, answer),
  };
}

function holdingProblem(text, { token, decimals, available }) {
  const problem = amountProblem(text, decimals, token);
  if (problem || available === null) return problem;
  return isGreater(readDecimal(text), available)
    ? `You have ${amount(available)} ${token} available`
    : null;
}

function priceProblem(text, type, { direction }, answer) {
  const price = priceOf(text, type, direction);
  if (price === null) return commaProblem(text) ?? "Enter a price above 0";
  if (!answer || !isReached(price, type, answer)) return null;
  const side = (type === "limit") === direction.flipped ? "below" : "above";
  return `Must be ${side} the market, ${marketText(type, answer, direction)}`;
}

/** The two orders to place. `typed` has no problem. */
export function protectionOrders(typed, { token, quote, direction }, expiresInS, now = Date.now()) {
  const terms = {
    tokenIn: token,
    tokenOut: quote,
    amountIn: readDecimal(typed.amount),
    maxSlippageBps: SLIPPAGE_BPS,
    expiresAt: new Date(now + expiresInS * 1000).toISOString(),
  };
  return [
    { ...terms, type: "limit", limitPrice: priceOf(typed.takeProfit, "limit", direction) },
    { ...terms, type: "stop", stopPrice: priceOf(typed.stopLoss, "stop", direction) },
  ];
}
