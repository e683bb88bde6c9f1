/**
 * Addresses that fill the ticket: /?type=limit&tokenIn=SOL&tokenOut=USDC&amountIn=2&limitPrice=160.
 * Names and values are those of the API: prices are tokenOut per tokenIn.
 */

import { amountProblem, isZero, readDecimal } from "../lib/exact-amount.js";
import { findToken } from "../market/tokens.js";

const TYPES = ["market", "limit", "stop", "sniper"];
const MINT = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const MAX_SLIPPAGE_BPS = 5000;
const NAMES = [
  "type",
  "tokenIn",
  "tokenOut",
  "amountIn",
  "limitPrice",
  "stopPrice",
  "minLiquidity",
  "maxSlippageBps",
];
const DEFAULTS = { type: "market", tokenIn: "SOL", tokenOut: "USDC" };

/**
 * What the address asks the ticket for: {fields, ignored}, the usable values and the names of the
 * others; null where it asks for nothing. Addresses with a `view` are those of the list.
 */
export function readTicketLink(search) {
  const given = new URLSearchParams(search);
  const asked = NAMES.filter((name) => given.has(name));
  if (given.has("view") || !asked.length) return null;
  const fields = { ...DEFAULTS };
  const ignored = [];
  for (const name of asked) {
    const value = READERS[name](given.get(name), fields);
    if (value === null) ignored.push(name);
    else fields[name] = value;
  }
  if (fields.type === "sniper" && !asked.includes("tokenOut")) delete fields.tokenOut;
  if (fields.tokenIn === fields.tokenOut) {
    fields.tokenOut = fields.tokenIn === DEFAULTS.tokenIn ? DEFAULTS.tokenOut : DEFAULTS.tokenIn;
    if (asked.includes("tokenOut") && !ignored.includes("tokenOut")) ignored.push("tokenOut");
  }
  return { fields, ignored };
}

/** The address without what fills the ticket, so that a reload does not fill it again. */
export function withoutTicket(href) {
  const address = new URL(href);
  for (const name of NAMES) address.searchParams.delete(name);
  return address.href;
}

const READERS = {
  type: (text) => (TYPES.includes(text) ? text : null),
  tokenIn: (text) => findToken(text)?.symbol ?? null,
  tokenOut: (text, { type }) =>
    findToken(text)?.symbol ?? (type === "sniper" && MINT.test(text) ? text : null),
  amountIn: (text, { tokenIn }) =>
    amountProblem(text, findToken(tokenIn)?.decimals ?? 9, tokenIn) ? null : readDecimal(text),
  limitPrice: (text, { type }) => (type === "limit" ? positive(text) : null),
  stopPrice: (text, { type }) => (type === "stop" ? positive(text) : null),
  minLiquidity: (text, { type }) => (type === "sniper" ? readDecimal(text) : null),
  maxSlippageBps: (text) =>
    /^\d{1,4}$/.test(text) && Number(text) <= MAX_SLIPPAGE_BPS ? Number(text) : null,
};

function positive(text) {
  const value = readDecimal(text);
  return value === null || isZero(value) ? null : value;
}
