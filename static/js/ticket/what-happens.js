/** What sending the ticket would do, in a sentence or two. */

import { multiply } from "../lib/exact-amount.js";
import { amount, percent } from "../lib/format.js";
import { directionOf, shownPrice } from "../lib/price-direction.js";
import { offerText } from "../market/quote-text.js";
import { tokenName } from "../market/tokens.js";
import { watchedPrice } from "../orders/trigger-distance.js";

/** `feed` is the quote feed: {state, answer, problem}; its answer may be missing. */
export function whatHappens(terms, feed) {
  if (!terms.amountIn) return "Enter an amount to see what each venue would pay.";
  if (terms.type === "sniper") return sniperSentence(terms);
  if (terms.type === "limit") return limitSentence(terms, feed.answer);
  if (terms.type === "stop") return stopSentence(terms, feed.answer);
  if (feed.state === "problem") return feed.problem.message;
  return feed.answer ? offerText(feed.answer) : "Asking each venue for a quote.";
}

function limitSentence(terms, answer) {
  const price = terms.triggerPrice;
  if (!price) return "Set the price you accept. The order waits until the market pays it.";
  const least = `${amount(multiply(terms.amountIn, price))} ${tokenName(terms.tokenOut)}`;
  const waits = `Waits until ${paid(terms)} brings at least ${least} after fees, then swaps. Never for less.`;
  return waits + marketSentences(terms, answer);
}

function stopSentence(terms, answer) {
  const price = terms.triggerPrice;
  if (!price) return "Set the price to sell at. The order waits until the market gets there.";
  const direction = directionOfTerms(terms);
  const stop = `${amount(shownPrice(price, direction))} ${direction.quote}`;
  const condition = direction.flipped ? `costs ${stop} or more` : `is worth ${stop} or less`;
  const waits = `Waits until 1 ${direction.base} ${condition}, then sells ${paid(terms)} at the market price.`;
  return waits + marketSentences(terms, answer);
}

/** Whether an order would trigger at once: a limit the market pays, a stop it is past. */
export function isReached({ type, triggerPrice }, answer) {
  if (triggerPrice === null) return false;
  const market = watchedPrice(type, answer);
  return type === "stop" ? market <= Number(triggerPrice) : market >= Number(triggerPrice);
}

/** About what a resting order would get once it triggers: tokenOut per tokenIn, net. */
export function fillEstimate(terms, answer) {
  const net = watchedPrice("limit", answer);
  if (isReached(terms, answer)) return net;
  if (terms.type === "limit") return Number(terms.triggerPrice);
  return (Number(terms.triggerPrice) * net) / watchedPrice("stop", answer);
}

/** Where the market stands and what a fill would get; empty while there is no quote. */
function marketSentences(terms, answer) {
  if (!answer) return "";
  const direction = directionOfTerms(terms);
  const shown = (price) => Number(shownPrice(price, direction));
  const market = shown(watchedPrice(terms.type, answer));
  const now = ` The market is at ${amount(market)} now`;
  const fill = `would fill at about ${amount(shown(fillEstimate(terms, answer)))} ${direction.unit}.`;
  if (isReached(terms, answer)) return `${now}, so the order triggers at once and ${fill}`;
  const away = percent(Math.abs(shown(terms.triggerPrice) / market - 1));
  return `${now}, ${away} away. It ${fill}`;
}

function sniperSentence(terms) {
  const token = terms.tokenOut ? tokenName(terms.tokenOut) : "the token";
  return `Spends ${paid(terms)} on ${token} as soon as its pool is open and deep enough.`;
}

function paid({ amountIn, tokenIn }) {
  return `${amount(amountIn)} ${tokenIn}`;
}

function directionOfTerms({ tokenIn, tokenOut }) {
  return directionOf(tokenName(tokenIn), tokenName(tokenOut));
}
