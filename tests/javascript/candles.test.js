/** Candles and what they say of the price. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isOutdated,
  mergeCandles,
  priceSummary,
  readFrom,
  turnCandles,
} from "../../static/js/market/candles.js";

const START = Date.parse("2026-01-31T09:30:00Z");
const candle = (minute, open, close) => ({
  time: new Date(START + minute * 60_000).toISOString(),
  open,
  close,
});

test("at first all candles of the chart are read, then the last two", () => {
  assert.equal(readFrom([], 60, START), START - 120 * 60_000);
  assert.equal(readFrom([candle(0), candle(1)], 60, START + 90_000), START);
});

test("fresh candles replace what was known of the same minutes", () => {
  const known = [candle(0, 1, 1), candle(1, 1, 2)];
  const fresh = [candle(1, 1, 3), candle(2, 3, 4)];
  assert.deepEqual(mergeCandles(known, fresh), [candle(0, 1, 1), candle(1, 1, 3), candle(2, 3, 4)]);
});

test("an answer that was overtaken by a new candle is known as outdated", () => {
  const known = [candle(0), candle(1)];
  assert.ok(isOutdated(known, [candle(0)]));
  for (const fresh of [
    [candle(0), candle(1)],
    [candle(1), candle(2)],
  ])
    assert.ok(!isOutdated(known, fresh));
  assert.ok(!isOutdated([], [candle(0)]));
});

test("a page left open keeps no more candles than the chart shows", () => {
  let candles = Array.from({ length: 120 }, (_, minute) => candle(minute, 1, 1));
  candles = mergeCandles(candles, [candle(120, 1, 1)]);
  assert.equal(candles.length, 120);
  assert.equal(candles[0].time, candle(1).time);
});

test("the summary tells the last price and its change over all candles", () => {
  const rising = Array.from({ length: 120 }, (_, minute) => candle(minute, "100", "102.5"));
  assert.deepEqual(priceSummary(rising, 300), {
    direction: "up",
    last: "102.5",
    change: "+2.5 % in 10 h",
    spoken: "102.5, up 2.5 % in 10 h",
  });
});

test("a falling price has one minus sign and none when spoken", () => {
  const { direction, change, spoken } = priceSummary([candle(0, "100", "90")], 60);
  assert.equal(direction, "down");
  assert.equal(change, "−10 % in 1 min");
  assert.equal(spoken, "90, down 10 % in 1 min");
});

test("candles turned round have their low where the high was", () => {
  const [turned] = turnCandles([{ time: "t", open: "4", high: 8, low: "2", close: 5 }], {
    flipped: true,
  });
  assert.deepEqual(turned, { time: "t", open: 0.25, high: 0.5, low: 0.125, close: 0.2 });
  const straight = [candle(0, "1", "2")];
  assert.equal(turnCandles(straight, { flipped: false }), straight);
});
