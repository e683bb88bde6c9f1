/** The venues' quotes side by side, with their age; the best one is marked. */

import { byId, setText } from "../lib/elements.js";
import { ago, amount, bps, percent, plainDecimal } from "../lib/format.js";
import { directionOf, onInvert, shownPrice } from "../lib/price-direction.js";
import { everySecond } from "../lib/ticker.js";
import { tokenName } from "../market/tokens.js";
import { worthText } from "./usd-values.js";

/** `feed` has the quotes, `prices` what the tokens are worth. */
export function showQuotesOf(feed, prices) {
  const tiles = byId("quote-tiles");
  const age = byId("quote-age");
  const title = byId("quotes-title");
  const drawAge = () => {
    const ms = feed.answer ? Date.now() - feed.answer.readAt : null;
    setText(age, ms === null ? "" : ago(ms));
    if (ms !== null) tiles.dataset.state = feed.old ? "old" : "fresh";
  };
  const draw = () => {
    tiles.dataset.state = feed.state;
    setText(title, feed.answer ? `Quotes in ${tokenName(feed.answer.tokenOut)}` : "Quotes");
    for (const tile of tiles.children) drawTile(tile, feed, prices.answer);
    drawAge();
  };
  for (const source of [feed, prices]) source.addEventListener("change", draw);
  onInvert(draw);
  everySecond(drawAge);
}

function drawTile(tile, { state, answer, problem }, prices) {
  const { dex } = tile.dataset;
  const quote = answer?.quotes.find((candidate) => candidate.dex === dex);
  const best = Boolean(quote) && answer.best.dex === dex;
  tile.dataset.best = best;
  tile.querySelector(".best-mark").hidden = !best;
  const cell = (name) => tile.querySelector(`[data-value=${name}]`);
  const values = quote ? valuesOf(quote, answer) : {};
  for (const name of ["amountOut", "price", "fee", "impact", "net"])
    setText(cell(name), values[name] ?? "–");
  setText(cell("worth"), worthText(quote?.amountOut, prices?.tokenOutUsd));
  cell("amountOut").title = quote
    ? `${plainDecimal(quote.amountOut)} ${tokenName(answer.tokenOut)}`
    : "";
  const refusal = state === "problem" ? problem.message : answer?.errors?.[dex];
  cell("problem").hidden = !refusal;
  setText(cell("problem"), refusal ?? "");
}

function valuesOf(quote, answer) {
  const direction = directionOf(tokenName(answer.tokenIn), tokenName(answer.tokenOut));
  const shown = (price) => amount(shownPrice(price, direction));
  return {
    amountOut: amount(quote.amountOut),
    price: shown(quote.price),
    fee: bps(quote.feeBps),
    impact: percent(quote.priceImpact),
    net: shown(Number(quote.amountOut) / Number(answer.amountIn)),
  };
}
