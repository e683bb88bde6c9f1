/** New terms of an open order: what the form begins with, and what of it has changed. */

import { amountProblem, commaProblem, decimalsOf, readDecimal } from "../lib/exact-amount.js";
import { plainDecimal } from "../lib/format.js";
import { directionOf, typedPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { priceOf, ROUNDING } from "./price-hint.js";

export const KEEP = "keep";
export const CONDITIONS = {
  limit: { name: "limitPrice", label: "Limit price" },
  stop: { name: "stopPrice", label: "Stop price" },
  sniper: { name: "minLiquidity", label: "Minimum liquidity" },
};
const MAX_PERCENT = 100;

/** The texts of the form for an order as the API gives it; prices the way round that is shown. */
export function amendFields(order) {
  return {
    condition: conditionText(order),
    amount: plainDecimal(order.amountIn),
    slippage: String(order.maxSlippageBps / 100),
    expiresInS: KEEP,
  };
}

function conditionText(order) {
  const { type } = order;
  const value = plainDecimal(order[CONDITIONS[type].name]);
  return type === "sniper" ? value : typedPrice(value, directionFor(order), ROUNDING[type]);
}

/** Which way round the order's price is shown. */
export function directionFor({ tokenIn, tokenOut }) {
  return directionOf(tokenName(tokenIn), tokenName(tokenOut));
}

/** What is wrong with the texts: {condition, amount, slippage}, each a sentence or null. */
export function amendProblems(fields, order, { symbol, decimals }) {
  return {
    condition: conditionProblem(fields.condition, order),
    amount: amountProblem(fields.amount, decimals, symbol),
    slippage: slippageProblem(fields.slippage),
  };
}

function conditionProblem(text, order) {
  const read =
    order.type === "sniper" ? readDecimal(text) : priceOf(text, order.type, directionFor(order));
  if (read !== null) return null;
  const problem =
    order.type === "sniper" ? "Enter a number, such as 50000" : "Enter a price above 0";
  return commaProblem(text) ?? problem;
}

function slippageProblem(text) {
  const value = readDecimal(text);
  if (value === null) return "Enter per cent, such as 0.5";
  if (decimalsOf(value) > 2) return "At most 2 decimals";
  return Number(value) > MAX_PERCENT ? "At most 100 %" : null;
}

/** The terms that differ from the order's, for the API; empty if nothing has changed. */
export function amendedTerms(fields, order, now = Date.now()) {
  const before = amendFields(order);
  const same = (name) => readDecimal(fields[name]) === readDecimal(before[name]);
  const terms = {};
  if (!same("condition")) terms[CONDITIONS[order.type].name] = conditionOf(fields, order);
  if (!same("amount")) terms.amountIn = readDecimal(fields.amount);
  if (!same("slippage"))
    terms.maxSlippageBps = Math.round(Number(readDecimal(fields.slippage)) * 100);
  if (fields.expiresInS !== KEEP)
    terms.expiresAt = new Date(now + Number(fields.expiresInS) * 1000).toISOString();
  return terms;
}

function conditionOf({ condition }, order) {
  if (order.type === "sniper") return readDecimal(condition);
  return priceOf(condition, order.type, directionFor(order));
}

/** What to say of a refusal, and whether the order has to be read again before the next try. */
export function refusalText(problem) {
  if (problem.code === "order_changed")
    return { text: "The order has changed meanwhile. This is how it stands now.", stale: true };
  if (problem.code === "not_amendable") return { text: problem.message, stale: true };
  const reasons = Object.values(problem.errors).flat();
  const told = [problem.message, ...reasons.filter((reason) => reason !== problem.message)];
  return { text: told.join(" "), stale: false };
}
