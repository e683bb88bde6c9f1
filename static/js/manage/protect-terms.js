/** What protects a holding: a take-profit above the market and a stop-loss below it, linked. */

import { amountProblem, isGreater, isZero, readDecimal } from "../lib/exact-amount.js";
import { amount, plainDecimal } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";
import { watchedPrice } from "../orders/trigger-distance.js";

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

/** Prices 5 % around the market of `answer`, the quotes: {takeProfit, stopLoss} as text. */
export function pricesAround(answer) {
  return {
    takeProfit: shortDecimal(watchedPrice("limit", answer) * (1 + REACH)),
    stopLoss: shortDecimal(watchedPrice("stop", answer) * (1 - REACH)),
  };
}

function shortDecimal(value) {
  return readDecimal(plainDecimal(Number(value.toPrecision(SHOWN_DIGITS))));
}

/**
 * What is wrong with the typed texts: {amount, takeProfit, stopLoss}, each a sentence or null.
 * `holding` is {token, decimals, available}, `available` null where nobody knows; `answer` are the
 * quotes, or null.
 */
export function protectionProblems(typed, holding, answer) {
  return {
    amount: holdingProblem(typed.amount, holding),
    takeProfit: priceProblem(typed.takeProfit, "limit", answer),
    stopLoss: priceProblem(typed.stopLoss, "stop", answer),
  };
}

function holdingProblem(text, { token, decimals, available }) {
  const problem = amountProblem(text, decimals, token);
  if (problem || available === null) return problem;
  return isGreater(readDecimal(text), available)
    ? `You have ${amount(available)} ${token} available`
    : null;
}

function priceProblem(text, type, answer) {
  const price = readDecimal(text);
  if (price === null || isZero(price)) return "Enter a price above 0";
  if (!answer) return null;
  const market = watchedPrice(type, answer);
  if (type === "limit" && Number(price) <= market)
    return `Must be above the market, ${amount(market)}`;
  if (type === "stop" && Number(price) >= market)
    return `Must be below the market, ${amount(market)}`;
  return null;
}

/** The two orders to place. `typed` has no problem. */
export function protectionOrders(typed, { token, quote }, expiresInS, now = Date.now()) {
  const terms = {
    tokenIn: token,
    tokenOut: quote,
    amountIn: readDecimal(typed.amount),
    maxSlippageBps: SLIPPAGE_BPS,
    expiresAt: new Date(now + expiresInS * 1000).toISOString(),
  };
  return [
    { ...terms, type: "limit", limitPrice: readDecimal(typed.takeProfit) },
    { ...terms, type: "stop", stopPrice: readDecimal(typed.stopLoss) },
  ];
}
