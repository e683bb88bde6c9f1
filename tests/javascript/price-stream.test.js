import assert from "node:assert/strict";
import { test } from "node:test";
import { asQuotes, MOST, PriceStream, pairOf } from "../../static/js/orders/price-stream.js";
import { LiveDouble } from "./live-double.js";

const STOP = { type: "stop", tokenIn: "SOL", tokenOut: "USDC", amountIn: 2 };
const LIMIT = { ...STOP, type: "limit" };

function priceOf({ tokenIn, tokenOut, amountIn = null }, net) {
  const best = { dex: "meteora", spot: net + 1, feeBps: 20, net };
  return { tokenIn, tokenOut, amountIn: amountIn && Number(amountIn), venues: [best], best };
}

function connected(
  answer = (_, { pairs }) => ({ ok: true, prices: pairs.map((pair) => priceOf(pair, 150)) }),
) {
  const live = new LiveDouble(answer);
  live.state = "connected";
  return { live, stream: new PriceStream(live) };
}

function tell(live, price) {
  live.dispatchEvent(new CustomEvent("price_update", { detail: price }));
}

test("a limit waits for the price of its whole amount, a stop for the pair's", () => {
  assert.deepEqual(pairOf(STOP), { tokenIn: "SOL", tokenOut: "USDC" });
  assert.deepEqual(pairOf(LIMIT), { tokenIn: "SOL", tokenOut: "USDC", amountIn: "2" });
});

test("an update reads as the quotes that it stands for", () => {
  const { quotes, best, amountIn } = asQuotes(priceOf(pairOf(STOP), 150));
  assert.deepEqual([quotes[0].price, best.amountOut / amountIn], [151, 150]);
  assert.equal(asQuotes({ venues: [], best: null }), null);
});

test("orders of one price share a subscription and each is shown every update", async () => {
  const { live, stream } = connected();
  const seen = [];
  const show = (name) => (answer) => seen.push([name, answer.best.amountOut]);
  const entries = [
    [STOP, show("stop")],
    [{ ...STOP }, show("twin")],
    [LIMIT, show("limit")],
  ];
  assert.deepEqual(await stream.follow(entries), []);
  assert.equal(live.asked[0][1].pairs.length, 2);
  seen.length = 0;
  tell(live, priceOf(pairOf(STOP), 160));
  assert.deepEqual(seen, [
    ["stop", 160],
    ["twin", 160],
  ]);
  tell(live, priceOf({ ...pairOf(LIMIT), amountIn: 2 }, 140));
  assert.deepEqual(seen.at(-1), ["limit", 140]);
  tell(live, priceOf({ ...pairOf(STOP), tokenIn: "BONK" }, 1));
  assert.equal(seen.length, 3);
});

test("only what changed is asked for, and what left the screen is let go", async () => {
  const { live, stream } = connected();
  const ignore = () => undefined;
  await stream.follow([[STOP, ignore]]);
  await stream.follow([[STOP, ignore]]);
  assert.equal(live.asked.length, 1);
  await stream.follow([[LIMIT, ignore]]);
  assert.deepEqual(
    live.asked.slice(1).map(([name]) => name),
    ["unsubscribe_prices", "subscribe_prices"],
  );
  await stream.stop();
  assert.deepEqual(live.asked.at(-1), ["unsubscribe_prices"]);
});

test("what can't be followed is handed back", async () => {
  const { live, stream } = connected();
  const many = Array.from({ length: MOST + 2 }, (_, n) => [
    { ...LIMIT, amountIn: n + 1 },
    () => undefined,
  ]);
  assert.deepEqual(await stream.follow(many), many.slice(MOST));
  live.state = "reconnecting";
  assert.deepEqual(await stream.follow(many), many);
  const refused = connected(() => ({ ok: false, code: "too_many_subscriptions" }));
  assert.equal((await refused.stream.follow([[STOP, () => undefined]])).length, 1);
});

test("what was asked for when the connection is lost is handed back", async () => {
  const { live, stream } = connected(() => {
    live.dispatchEvent(new Event("lost"));
    return Promise.reject(new Error("the connection is gone"));
  });
  const entries = [[STOP, () => undefined]];
  assert.deepEqual(await stream.follow(entries), entries);
});
