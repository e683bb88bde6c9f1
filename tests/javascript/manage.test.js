/** What the dialogs ask for: protection, amendments, cancelling all, placing again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { againTerms, ticketLink } from "../../static/js/manage/again-terms.js";
import {
  amendedTerms,
  amendFields,
  amendProblems,
  refusalText,
} from "../../static/js/manage/amend-terms.js";
import {
  cancelledText,
  countWaiting,
  questionText,
} from "../../static/js/manage/cancel-all-text.js";
import { priceHint } from "../../static/js/manage/price-hint.js";
import {
  isProtectable,
  pricesAround,
  protectionOrders,
  protectionProblems,
} from "../../static/js/manage/protect-terms.js";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const MARKET = {
  amountIn: "2",
  best: { amountOut: "300.5" },
  quotes: [{ price: "151" }, { price: "150" }],
};
const STRAIGHT = { flipped: false, unit: "USDC per SOL" };
const FLIPPED = { flipped: true, unit: "SOL per USDC" };
const HOLDING = {
  token: "SOL",
  quote: "USDC",
  decimals: 9,
  available: "2",
  direction: STRAIGHT,
};
const TYPED = { amount: "2", takeProfit: "160", stopLoss: "140" };
const LIMIT = {
  orderId: "a",
  type: "limit",
  status: "open",
  tokenIn: "SOL",
  tokenOut: "USDC",
  amountIn: "0.000000001",
  maxSlippageBps: 50,
  limitPrice: "210.100000000000000001",
  createdAt: "2026-05-01T12:00:00Z",
  expiresAt: "2026-05-03T12:00:00Z",
};

test("protection begins five per cent around what each order looks at", () => {
  assert.deepEqual(pricesAround(MARKET, STRAIGHT), { takeProfit: "157.763", stopLoss: "143.45" });
  const cheap = { amountIn: "1", best: { amountOut: 2.1e-8 }, quotes: [{ price: 2.2e-8 }] };
  assert.deepEqual(pricesAround(cheap, STRAIGHT), {
    takeProfit: "0.00000002205",
    stopLoss: "0.0000000209",
  });
});

test("protection that would sell at once, or more than there is, is refused", () => {
  const problems = (change) => protectionProblems({ ...TYPED, ...change }, HOLDING, MARKET);
  assert.deepEqual(problems({}), { amount: null, takeProfit: null, stopLoss: null });
  assert.match(problems({ amount: "2.000000001" }).amount, /You have 2 SOL available/);
  assert.match(problems({ amount: "x" }).amount, /Enter a number/);
  assert.match(problems({ takeProfit: "150.25" }).takeProfit, /above the market, 150.25/);
  assert.match(problems({ stopLoss: "151" }).stopLoss, /below the market, 151/);
  assert.match(problems({ stopLoss: "0" }).stopLoss, /above 0/);
  const unknown = { ...HOLDING, available: null };
  const blind = protectionProblems({ ...TYPED, amount: "9", takeProfit: "1" }, unknown, null);
  assert.deepEqual(blind, { amount: null, takeProfit: null, stopLoss: null });
});

test("protection whose prices are turned round takes profit below and stops above", () => {
  const turned = { ...HOLDING, direction: FLIPPED };
  const typed = { amount: "2", ...pricesAround(MARKET, FLIPPED) };
  assert.deepEqual(typed, { amount: "2", takeProfit: "0.0063228", stopLoss: "0.00695364" });
  const none = { amount: null, takeProfit: null, stopLoss: null };
  assert.deepEqual(protectionProblems(typed, turned, MARKET), none);
  const [takeProfit, stopLoss] = protectionOrders(typed, turned, 3600, NOW);
  assert.ok(Number(takeProfit.limitPrice) > 150.25 * 1.05);
  assert.ok(Number(stopLoss.stopPrice) < 151 * 0.96);
  const swapped = { ...typed, takeProfit: typed.stopLoss, stopLoss: typed.takeProfit };
  const problems = protectionProblems(swapped, turned, MARKET);
  assert.match(problems.takeProfit, /below the market/);
  assert.match(problems.stopLoss, /above the market/);
});

test("both orders of a protection sell the same until the same time, digit for digit", () => {
  const typed = { amount: "1,5", takeProfit: "160.000000000000000001", stopLoss: "140" };
  const [takeProfit, stopLoss] = protectionOrders(typed, HOLDING, 3600, NOW);
  const shared = {
    tokenIn: "SOL",
    tokenOut: "USDC",
    amountIn: "1.5",
    maxSlippageBps: 100,
    expiresAt: "2026-05-01T13:00:00.000Z",
  };
  assert.deepEqual(takeProfit, { ...shared, type: "limit", limitPrice: "160.000000000000000001" });
  assert.deepEqual(stopLoss, { ...shared, type: "stop", stopPrice: "140" });
});

test("only what was bought is protected, not dollars and not what a bot's wallet bought", () => {
  const bought = { status: "confirmed", tokenIn: "USDC", tokenOut: "SOL" };
  assert.ok(isProtectable(bought));
  assert.ok(!isProtectable({ ...bought, status: "failed" }));
  assert.ok(!isProtectable({ ...bought, tokenOut: "USDC" }));
  assert.ok(!isProtectable({ ...bought, wallet: "9xQe" }));
  assert.ok(isProtectable({ ...bought, wallet: "9xQe", userId: "me" }));
});

const USDC = { symbol: "USDC", direction: STRAIGHT, answer: MARKET };

test("a price says how far it is, what it brings, and whether the market is there", () => {
  assert.equal(
    priceHint("165.275", "limit", "2", USDC),
    "+10 % from the market · at least 330.55 USDC",
  );
  assert.match(priceHint("75.5", "stop", "2", USDC), /^−50 % .* about 151 USDC/);
  assert.match(priceHint("150", "limit", "2", USDC), /triggers at once/);
  assert.match(priceHint("151", "stop", "2", USDC), /triggers at once/);
  assert.equal(priceHint("", "stop", "2", USDC), "");
  const turned = { ...USDC, direction: FLIPPED };
  assert.match(priceHint("0.005", "limit", "2", turned), /^−24.88 % .* at least 400 USDC/);
});

test("only terms that differ are amended, digit for digit", () => {
  const same = amendFields(LIMIT);
  assert.equal(same.slippage, "0.5");
  assert.deepEqual(amendedTerms(same, LIMIT, NOW), {});
  const written = { ...same, condition: "210,100000000000000001", slippage: "0.50" };
  assert.deepEqual(amendedTerms(written, LIMIT, NOW), {});
  const fields = {
    condition: "210.100000000000000002",
    amount: "1",
    slippage: "0.29",
    expiresInS: "60",
  };
  assert.deepEqual(amendedTerms(fields, LIMIT, NOW), {
    limitPrice: "210.100000000000000002",
    amountIn: "1",
    maxSlippageBps: 29,
    expiresAt: "2026-05-01T12:01:00.000Z",
  });
  const sniper = { ...LIMIT, type: "sniper", minLiquidity: 5 };
  const deeper = { ...amendFields(sniper), condition: "0" };
  assert.deepEqual(amendedTerms(deeper, sniper, NOW), { minLiquidity: "0" });
});

test("an amended price goes back the way round that it was shown", () => {
  const flipped = { ...LIMIT, tokenIn: "USDC", tokenOut: "SOL", limitPrice: "0.005" };
  const fields = amendFields(flipped);
  assert.equal(fields.condition, "200");
  assert.deepEqual(amendedTerms(fields, flipped, NOW), {});
  assert.deepEqual(amendedTerms({ ...fields, condition: "250" }, flipped, NOW), {
    limitPrice: "0.004",
  });
});

test("an amendment that cannot be is named before it is sent", () => {
  const problems = (change) =>
    amendProblems({ ...amendFields(LIMIT), ...change }, LIMIT, { symbol: "SOL", decimals: 9 });
  assert.deepEqual(problems({}), { condition: null, amount: null, slippage: null });
  assert.match(problems({ condition: "0" }).condition, /above 0/);
  assert.match(problems({ condition: "no" }).condition, /above 0/);
  assert.match(problems({ amount: "0.0000000001" }).amount, /9 decimals/);
  assert.match(problems({ slippage: "100.01" }).slippage, /At most 100/);
  assert.match(problems({ slippage: "0.001" }).slippage, /2 decimals/);
});

test("a refused amendment says why, and whether the order has to be read again", () => {
  assert.ok(refusalText({ code: "order_changed", message: "m", errors: {} }).stale);
  assert.ok(refusalText({ code: "not_amendable", message: "m", errors: {} }).stale);
  const funds = { code: "validation_failed", message: "Bad.", errors: { amountIn: ["Too much."] } };
  assert.deepEqual(refusalText(funds), { text: "Bad. Too much.", stale: false });
});

test("an order is placed again on its terms, for as long, and alone", () => {
  const order = { ...LIMIT, ocoGroup: "g", scenario: "fills", stopPrice: null };
  assert.deepEqual(againTerms(order, NOW), {
    type: "limit",
    tokenIn: "SOL",
    tokenOut: "USDC",
    amountIn: "0.000000001",
    maxSlippageBps: 50,
    limitPrice: "210.100000000000000001",
    expiresAt: "2026-05-03T12:00:00.000Z",
  });
});

test("an order can be changed in the order form before it is placed again", () => {
  const order = { ...LIMIT, maxSlippageBps: 50 };
  assert.equal(
    ticketLink(order),
    "/?type=limit&tokenIn=SOL&tokenOut=USDC&maxSlippageBps=50&amountIn=0.000000001" +
      "&limitPrice=210.100000000000000001",
  );
});

test("waiting orders are counted over all pages, up to a bound", async () => {
  const page = (count, nextCursor) => ({
    orders: Array(count).fill({ createdAt: "2026-05-01T12:00:00.500Z" }),
    nextCursor,
  });
  const pages = [page(100, "b"), page(7, null)];
  const asked = [];
  const found = await countWaiting(async ({ cursor }) => {
    asked.push(cursor);
    return pages.shift();
  });
  assert.deepEqual(asked, [null, "b"]);
  assert.deepEqual(found, { count: 107, more: false, until: "2026-05-01T12:00:00.501Z" });
  const endless = await countWaiting(async () => page(100, "x"));
  assert.deepEqual([endless.count, endless.more], [1000, true]);
  assert.equal((await countWaiting(async () => page(0, null))).until, null);
});

test("cancelling all says how many, and whose", () => {
  assert.equal(questionText({ count: 1, more: false }, true).button, "Cancel 1 order");
  assert.match(questionText({ count: 1000, more: true }, true).text, /more than 1,000 orders/);
  assert.match(questionText({ count: 2, more: false }, false).text, /sandbox is shared/);
  assert.match(questionText({ count: 0, more: false }, true).text, /No order is waiting/);
  assert.deepEqual(cancelledText({ cancelled: 2, left: 1 }), {
    title: "2 orders cancelled",
    text: "1 order could not be: a worker has them.",
  });
});
