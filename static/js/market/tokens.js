/** The tokens that can be traded, found by symbol or by mint. */

import { readTokens } from "../lib/api.js";
import { shorten } from "../lib/format.js";

const bySymbol = new Map();
const byMint = new Map();

/** Adds tokens: {symbol, mint, name, decimals, launched}; launches are tokens too. */
export function addTokens(tokens) {
  for (const found of tokens) {
    const token = { ...byMint.get(found.mint), ...found };
    bySymbol.set(token.symbol.toUpperCase(), token);
    if (token.mint) byMint.set(token.mint, token);
  }
}

/** Adds what the page was rendered with: `<option value=SYMBOL label=name data-mint data-decimals>`. */
export function addTokenOptions(list) {
  const tokens = [...list.options].map(({ value, label, dataset }) => ({
    symbol: value,
    name: label,
    mint: dataset.mint,
    decimals: Number(dataset.decimals),
    launched: true,
  }));
  addTokens(tokens);
}

/** Reads every token the server knows, launches included. */
export async function refreshTokens() {
  const { tokens } = await readTokens();
  addTokens(tokens);
}

/** The token of this symbol (any case) or mint address, or undefined. */
export function findToken(symbolOrMint) {
  return byMint.get(symbolOrMint) ?? bySymbol.get(symbolOrMint.toUpperCase());
}

/** What to call a token: its symbol, or the ends of a mint address that is not listed. */
export function tokenName(symbolOrMint) {
  return findToken(symbolOrMint)?.symbol ?? shorten(symbolOrMint, 4);
}

/** Every token known so far. */
export function allTokens() {
  return [...bySymbol.values()];
}
