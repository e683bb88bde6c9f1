/** What an order would do if it were placed now, in the page's words and numbers. */

import { amount, dateTime } from "../lib/format.js";
import { priceText } from "../lib/price-direction.js";
import { offerText } from "../market/quote-text.js";
import { tokenName } from "../market/tokens.js";

/** `preview` is the answer to a dry run of an order with these `terms`. */
export function previewText(preview, terms) {
  const { triggersNow, quote, message } = preview;
  if (triggersNow === false) return `${restText(preview, terms)}${marketText(quote, terms)}`;
  if (!quote) return message;
  return triggersNow ? `It would trigger at once. ${offerText(quote)}` : offerText(quote);
}

function restText({ expiresAt }, terms) {
  return `It would wait ${conditionText(terms)}, until ${dateTime(expiresAt)} at most.`;
}

function conditionText({ type, limitPrice, stopPrice, minLiquidity, ...pair }) {
  if (type === "sniper") return `for a pool of ${amount(minLiquidity ?? 0)} USD`;
  return `for its ${type} price, ${priceOf(limitPrice ?? stopPrice, pair)}`;
}

function marketText(quote, terms) {
  if (!quote) return "";
  const price = Number(quote.best.amountOut) / Number(quote.amountIn);
  return ` At the market it would get ${priceOf(price, terms)} now.`;
}

function priceOf(price, { tokenIn, tokenOut }) {
  return priceText(price, tokenName(tokenIn), tokenName(tokenOut));
}
