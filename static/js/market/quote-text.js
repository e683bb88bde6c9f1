/** What the venues offer now, as a sentence. */

import { amount, percent, venueName } from "../lib/format.js";
import { tokenName } from "./tokens.js";

/** `answer` are the quotes: {tokenOut, quotes, best}. */
export function offerText({ tokenOut, quotes, best }) {
  const received = `about ${amount(best.amountOut)} ${tokenName(tokenOut)}`;
  return `You would receive ${received}, at least ${amount(best.minAmountOut)}. ${reason(quotes, best)}`;
}

/** Why the best venue is it. */
function reason(quotes, best) {
  const others = quotes.filter(({ dex }) => dex !== best.dex);
  if (!others.length) return `Only ${venueName(best.dex)} gave a quote.`;
  const second = others.reduce((one, other) =>
    Number(other.amountOut) > Number(one.amountOut) ? other : one,
  );
  const gain = Number(best.amountOut) / Number(second.amountOut) - 1;
  const more = gain > 0 ? `${percent(gain)} more than` : "as much as";
  return `${venueName(best.dex)} pays ${more} ${venueName(second.dex)}.`;
}
