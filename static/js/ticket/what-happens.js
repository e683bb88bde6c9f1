/** One sentence that says what sending the ticket would do. */

import { multiply } from "../lib/exact-amount.js";
import { amount, percent } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";
import { watchedPrice } from "../orders/trigger-distance.js";

/** `feed` is the quote feed: {state, answer, problem}; its answer may be missing. */
export function whatHappens(terms, feed) {
  if (!terms.amountIn) return "Enter an amount to see what each venue would pay.";
  if (terms.type === "sniper") return sniperSentence(terms);
  if (terms.type === "limit") return limitSentence(terms, feed.answer);
  if (terms.type === "stop") return stopSentence(terms, feed.answer);
  if (feed.state === "problem") return feed.problem.message;
  return feed.answer?.message ?? "Asking each venue for a quote.";
}

function limitSentence(terms, answer) {
  const price = terms.triggerPrice;
  if (!price) return "Set the lowest price you accept. The order waits until the market pays it.";
  const least = `${amount(multiply(terms.amountIn, price))} ${tokenName(terms.tokenOut)}`;
  const waits = `Waits until ${paid(terms)} brings at least ${least} after fees, then swaps. Never for less.`;
  return waits + marketSentence(terms, answer, (market) => market >= Number(price));
}

function stopSentence(terms, answer) {
  const price = terms.triggerPrice;
  if (!price) return "Set the price to sell at. The order waits until the market falls to it.";
  const stop = `${amount(price)} ${tokenName(terms.tokenOut)}`;
  const falls = `1 ${terms.tokenIn} is worth ${stop} or less`;
  const waits = `Waits until ${falls}, then sells ${paid(terms)} at the market price.`;
  return waits + marketSentence(terms, answer, (market) => market <= Number(price));
}

/** Whether a stop order would trigger at once, as its price is not below the market. */
export function stopIsReached({ triggerPrice }, answer) {
  return triggerPrice !== null && watchedPrice("stop", answer) <= Number(triggerPrice);
}

/** Where the market stands; empty while there is no quote. */
function marketSentence({ type, triggerPrice }, answer, isReached) {
  if (!answer) return "";
  const market = watchedPrice(type, answer);
  const pays = ` The market pays ${amount(market)} now`;
  if (isReached(market)) return `${pays}, so the order triggers at once.`;
  return `${pays}, ${percent(Math.abs(Number(triggerPrice) / market - 1))} away.`;
}

function sniperSentence(terms) {
  const token = terms.tokenOut ? tokenName(terms.tokenOut) : "the token";
  return `Spends ${paid(terms)} on ${token} as soon as its pool is open and deep enough.`;
}

function paid({ amountIn, tokenIn }) {
  return `${amount(amountIn)} ${tokenIn}`;
}
