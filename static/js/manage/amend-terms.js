/** New terms of an open order: what the form begins with, and what of it has changed. */

import { amountProblem, decimalsOf, isZero, readDecimal } from "../lib/exact-amount.js";
import { plainDecimal } from "../lib/format.js";

export const KEEP = "keep";
export const CONDITIONS = {
  limit: { name: "limitPrice", label: "Limit price" },
  stop: { name: "stopPrice", label: "Stop price" },
  sniper: { name: "minLiquidity", label: "Minimum liquidity" },
};
const MAX_PERCENT = 100;

/** The texts of the form for an order as the API gives it. */
export function amendFields(order) {
  const { name } = CONDITIONS[order.type];
  return {
    condition: plainDecimal(order[name]),
    amount: plainDecimal(order.amountIn),
    slippage: String(order.maxSlippageBps / 100),
    expiresInS: KEEP,
  };
}

/** What is wrong with the texts: {condition, amount, slippage}, each a sentence or null. */
export function amendProblems(fields, order, { symbol, decimals }) {
  return {
    condition: conditionProblem(fields.condition, order.type),
    amount: amountProblem(fields.amount, decimals, symbol),
    slippage: slippageProblem(fields.slippage),
  };
}

function conditionProblem(text, type) {
  const value = readDecimal(text);
  if (value === null) return "Enter a number, such as 150.5";
  return isZero(value) && type !== "sniper" ? "Enter a price above 0" : null;
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
  if (!same("condition")) terms[CONDITIONS[order.type].name] = readDecimal(fields.condition);
  if (!same("amount")) terms.amountIn = readDecimal(fields.amount);
  if (!same("slippage"))
    terms.maxSlippageBps = Math.round(Number(readDecimal(fields.slippage)) * 100);
  if (fields.expiresInS !== KEEP)
    terms.expiresAt = new Date(now + Number(fields.expiresInS) * 1000).toISOString();
  return terms;
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
