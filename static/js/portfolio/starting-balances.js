/** The balances that somebody types to start over with. */

import { amountProblem, isZero, readDecimal } from "../lib/exact-amount.js";

/**
 * `rows` are `{token, decimals, text}`. Gives `{balances}` for the API, or `{problem, index}`: what
 * is wrong with which row. Empty rows are left out.
 */
export function readBalances(rows) {
  const balances = {};
  for (const [index, { token, decimals, text }] of rows.entries()) {
    if (text.trim() === "") continue;
    const value = readDecimal(text);
    const problem = value !== null && isZero(value) ? null : amountProblem(text, decimals, token);
    if (problem) return { problem, index };
    if (token in balances) return { problem: `${token} is there twice`, index };
    balances[token] = value;
  }
  if (!Object.keys(balances).length) return { problem: "Enter at least one amount", index: 0 };
  return { balances };
}
