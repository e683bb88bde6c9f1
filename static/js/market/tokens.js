/** The tokens that can be traded, by symbol and by mint. The shell's list is known from the start. */

import { readTokens } from "../lib/api.js";
import { shorten } from "../lib/format.js";

const bySymbol = new Map();
const byMint = new Map();

/** Takes in what the page was rendered with: `<option value=SYMBOL data-decimals=n>`. */
export function knowOptions(select) {
  for (const option of select.options) {
    add({ symbol: option.value, decimals: Number(option.dataset.decimals), launched: true });
  }
}

/** Reads the whole registry, launches included. */
export async function refreshTokens() {
  const { tokens } = await readTokens();
  tokens.forEach(add);
  return tokens;
}

function add(token) {
  bySymbol.set(token.symbol.toUpperCase(), token);
  if (token.mint) byMint.set(token.mint, token);
}

/** The token of this symbol (any case) or mint address, or undefined. */
export function findToken(symbolOrMint) {
  return byMint.get(symbolOrMint) ?? bySymbol.get(symbolOrMint.toUpperCase());
}

/** What to call a token: its symbol, or the ends of a mint address that is not listed. */
export function tokenName(symbolOrMint) {
  return findToken(symbolOrMint)?.symbol ?? shorten(symbolOrMint, 4);
}
