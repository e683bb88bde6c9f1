/** What the venues offer and what an order would do, in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { dateTime } from "../../static/js/lib/format.js";
import { previewText } from "../../static/js/manage/preview-text.js";
import { offerText } from "../../static/js/market/quote-text.js";

const METEORA = { dex: "meteora", amountOut: "656352073.3597", minAmountOut: "649788552.6261" };
const RAYDIUM = { dex: "raydium", amountOut: "650000000", minAmountOut: "643500000" };
const answer = (quotes) => ({
  tokenIn: "SOL",
  tokenOut: "BONK",
  amountIn: "100",
  quotes,
  best: quotes[0],
});

test("an offer reads in rounded numbers, with the reason for its venue", () => {
  assert.equal(
    offerText(answer([METEORA, RAYDIUM])),
    "You would receive about 656,352,073 BONK, at least 649,788,553. " +
      "Meteora pays 0.98 % more than Raydium.",
  );
  assert.ok(offerText(answer([METEORA])).endsWith(". Only Meteora gave a quote."));
  const equal = { ...RAYDIUM, amountOut: METEORA.amountOut };
  assert.ok(offerText(answer([METEORA, equal])).endsWith("Meteora pays as much as Raydium."));
});

const EXPIRES = "2026-12-02T13:29:22.897Z";
const STOP = { type: "stop", tokenIn: "SOL", tokenOut: "USDC", stopPrice: "143.022" };
const quote = {
  ...answer([{ dex: "meteora", amountOut: "298.203106917274912", minAmountOut: "295" }]),
  amountIn: "2",
  tokenOut: "USDC",
};
const resting = { triggersNow: false, expiresAt: EXPIRES, quote, message: "For programs." };

test("an order that would rest names its price, its end and the market", () => {
  assert.equal(
    previewText(resting, STOP),
    `It would wait for its stop price, 143.022 USDC per SOL, until ${dateTime(EXPIRES)} at most. ` +
      "At the market it would get 149.1016 USDC per SOL now.",
  );
  const sniper = { type: "sniper", tokenIn: "SOL", tokenOut: "NOVA", minLiquidity: "50000" };
  assert.equal(
    previewText({ ...resting, quote: null }, sniper),
    `It would wait for a pool of 50,000 USD, until ${dateTime(EXPIRES)} at most.`,
  );
});

test("an order that would run is offered what the market pays", () => {
  const offer = offerText(quote);
  assert.equal(previewText({ ...resting, triggersNow: null }, STOP), offer);
  assert.equal(
    previewText({ ...resting, triggersNow: true }, STOP),
    `It would trigger at once. ${offer}`,
  );
  const without = { triggersNow: null, quote: null, message: "There is no quote now: no pool." };
  assert.equal(previewText(without, STOP), "There is no quote now: no pool.");
});
