/** One sentence that says what sending the ticket would do. */

import { multiply } from "../lib/exact-amount.js";
import { amount, percent } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";
import { watchedPrice } from "../orders/trigger-distance.js";

/** `feed` is the quote feed; its best quote may be missing. */
export function whatHappens(terms, feed) {
  if (!terms.amountIn) return "Enter an amount to see what both venues would pay.";
  if (terms.type === "sniper") return sniperSentence(terms);
  if (terms.type in RESTING && !terms.triggerPrice) return RESTING[terms.type].empty;
  if (terms.type in RESTING) return restingSentence(terms, feed.answer);
  if (feed.state === "problem") return feed.problem.message;
  return feed.answer?.message ?? "Asking both venues.";
}

const RESTING = {
  limit: {
    empty: "Set the least you accept; the order waits until the market pays it.",
    reached: (market, price) => market >= price,
  },
  stop: {
    empty: "Set the price at which you want out; the order waits until the market falls to it.",
    reached: (market, price) => market <= price,
  },
};

function restingSentence(terms, answer) {
  const market = answer ? watchedPrice(terms.type, answer) : null;
  const price = Number(terms.triggerPrice);
  const unit = tokenName(terms.tokenOut);
  const now =
    market === null
      ? ""
      : ` The market pays ${amount(market)} now${
          RESTING[terms.type].reached(market, price)
            ? ", so it triggers at once."
            : `, ${percent(Math.abs(price / market - 1))} away.`
        }`;
  if (terms.type === "limit") {
    return `Waits until ${amount(terms.amountIn)} ${terms.tokenIn} brings at least ${amount(multiply(terms.amountIn, terms.triggerPrice))} ${unit} after fees, then swaps. Never for less.${now}`;
  }
  return `Waits until 1 ${terms.tokenIn} is worth ${amount(terms.triggerPrice)} ${unit} or less, then sells ${amount(terms.amountIn)} ${terms.tokenIn} at the market.${now}`;
}

function sniperSentence(terms) {
  const what = terms.tokenOut ? tokenName(terms.tokenOut) : "the token";
  return `Spends ${amount(terms.amountIn)} ${terms.tokenIn} on ${what} the moment its pool is open and deep enough.`;
}
