import assert from "node:assert/strict";
import { test } from "node:test";
import { CandleStream } from "../../static/js/market/candle-stream.js";
import { LiveDouble } from "./live-double.js";

const CHART = { tokenIn: "SOL", tokenOut: "USDC", interval: "1m", priceKind: "net" };
const CANDLES = [{ time: "2026-11-25T00:00:00Z", close: 150 }];

function connected(answer = () => ({ ok: true, candles: CANDLES })) {
  const live = new LiveDouble(answer);
  live.state = "connected";
  const seen = [];
  return { live, seen, stream: new CandleStream(live, (candles) => seen.push(candles)) };
}

function tell(live, candles) {
  live.dispatchEvent(new CustomEvent("candle_update", { detail: { candles } }));
}

test("a chart is asked for once, with its candles so far, and then updated", async () => {
  const { live, seen, stream } = connected();
  tell(live, CANDLES);
  assert.deepEqual(await stream.follow(CHART, true), CANDLES);
  assert.deepEqual(await stream.follow(CHART, false), []);
  tell(live, CANDLES);
  tell(live, []);
  assert.deepEqual(seen, [CANDLES]);
  assert.equal(live.asked.length, 1);
  const { pair, interval, priceKind } = live.asked[0][1];
  assert.deepEqual({ ...pair, interval, priceKind }, CHART);
});

test("another chart takes the place of the one before", async () => {
  const { live, stream } = connected();
  await Promise.all([
    stream.follow(CHART, true),
    stream.follow({ ...CHART, interval: "5m" }, true),
  ]);
  const names = live.asked.map(([name]) => name);
  assert.deepEqual(names, ["subscribe_candles", "unsubscribe_candles", "subscribe_candles"]);
});

test("whoever can't follow is told so, and follows again once it is connected", async () => {
  const { live, seen, stream } = connected();
  live.state = "reconnecting";
  assert.equal(await stream.follow(CHART, true), null);
  live.state = "connected";
  await stream.follow(CHART, true);
  live.dispatchEvent(new Event("lost"));
  tell(live, CANDLES);
  assert.deepEqual(seen, []);
  assert.deepEqual(await stream.follow(CHART, false), CANDLES);
});

test("a refusal or no answer leaves the candles to be read otherwise", async () => {
  const refused = connected(() => ({ ok: false, code: "too_many_subscriptions" }));
  assert.equal(await refused.stream.follow(CHART, true), null);
  const silent = connected(() => Promise.reject(new Error("timeout")));
  assert.equal(await silent.stream.follow(CHART, true), null);
});

test("nothing comes after a stop", async () => {
  const { live, seen, stream } = connected();
  await stream.follow(CHART, true);
  await stream.stop();
  tell(live, CANDLES);
  assert.deepEqual(seen, []);
  assert.equal(live.asked.at(-1)[0], "unsubscribe_candles");
});
