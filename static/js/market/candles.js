/** Candles of a pair: which to read, how new ones join the old, how the price changed. */

import { amount, duration, percent } from "../lib/format.js";

export const INTERVALS_S = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600 };
export const CANDLES = 120;

/** The time in ms from which to read: all that the chart shows, or what is new since `candles`. */
export function readFrom(candles, intervalS, now) {
  const intervalMs = intervalS * 1000;
  return candles.length ? Date.parse(candles.at(-1).time) - intervalMs : now - CANDLES * intervalMs;
}

/** Whether an answer is older than what is known: it was on its way while a new candle began. */
export function isOutdated(known, fresh) {
  return known.length > 0 && fresh.at(-1).time < known.at(-1).time;
}

/** The latest candles of both; a candle known already takes its fresh values. */
export function mergeCandles(known, fresh) {
  const older = known.filter(({ time }) => time < fresh[0].time);
  return [...older, ...fresh].slice(-CANDLES);
}

/** The last price and how it changed over all candles, as texts and a direction, "up" or "down". */
export function priceSummary(candles, intervalS) {
  const last = candles.at(-1).close;
  const change = Number(last) / Number(candles[0].open) - 1;
  const direction = change < 0 ? "down" : "up";
  const span = duration(candles.length * intervalS * 1000);
  return {
    direction,
    last: amount(last),
    change: `${change < 0 ? "" : "+"}${percent(change)} in ${span}`,
    spoken: `${amount(last)}, ${direction} ${percent(Math.abs(change))} in ${span}`,
  };
}

/** The candles as they read in the direction shown: turned upside down if it is flipped. */
export function turnCandles(candles, { flipped }) {
  if (!flipped) return candles;
  return candles.map(({ time, open, high, low, close }) => ({
    time,
    open: 1 / Number(open),
    high: 1 / Number(low),
    low: 1 / Number(high),
    close: 1 / Number(close),
  }));
}
