/** Triggers and fills on the price chart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fillMarks, triggerMarks } from "../../static/js/market/chart-marks.js";

const PAIR = { tokenIn: "SOL", tokenOut: "USDC" };
const limit = (limitPrice, rest = {}) => ({
  ...PAIR,
  orderId: `at ${limitPrice}`,
  type: "limit",
  status: "open",
  limitPrice,
  ...rest,
});
const fillAt = (updatedAt, rest = {}) => ({ ...PAIR, status: "confirmed", updatedAt, ...rest });

test("triggers of resting orders are marked, those nearest to the price first", () => {
  const orders = [
    limit("200"),
    { ...PAIR, orderId: "stop", type: "stop", status: "open", limitPrice: null, stopPrice: "145" },
    limit("151"),
  ];
  assert.deepEqual(triggerMarks(orders, PAIR, 150), [
    { orderId: "at 151", price: 151, title: "limit" },
    { orderId: "stop", price: 145, title: "stop" },
    { orderId: "at 200", price: 200, title: "limit" },
  ]);
});

test("only so many triggers are marked that candles stay visible", () => {
  const orders = Array.from({ length: 300 }, (_, index) => limit(String(200 + index)));
  const marks = triggerMarks(orders, PAIR, 150);
  assert.equal(marks.length, 12);
  assert.equal(marks.at(-1).price, 211);
});

test("orders of the opposite direction are marked at the inverse price", () => {
  const sell = limit("0.005", { tokenIn: "USDC", tokenOut: "SOL" });
  assert.deepEqual(triggerMarks([sell], PAIR, 150), [
    { orderId: "at 0.005", price: 200, title: "limit" },
  ]);
});

test("snipers, finished orders and other pairs have no trigger on the chart", () => {
  const orders = [
    limit("151", { type: "sniper" }),
    limit("151", { status: "confirmed" }),
    limit("151", { tokenOut: "JTO" }),
  ];
  assert.deepEqual(triggerMarks(orders, PAIR, 150), []);
});

test("fills of one candle share a mark, oldest first", () => {
  const fills = [
    fillAt("2026-01-31T09:39:59.999Z"),
    fillAt("2026-01-31T09:30:59Z"),
    fillAt("2026-01-31T09:39:00Z", { tokenIn: "USDC", tokenOut: "SOL" }),
    fillAt("2026-01-31T09:39:10Z", { status: "failed" }),
  ];
  const sinceMs = Date.parse("2026-01-31T09:30:00Z");
  assert.deepEqual(fillMarks(fills, PAIR, { intervalS: 60, sinceMs }), [
    { time: sinceMs / 1000, title: "fill" },
    { time: sinceMs / 1000 + 540, title: "2 fills" },
  ]);
});

test("a mark whose text would cover the one before has none", () => {
  const minutes = ["30", "31", "37", "38"];
  const fills = minutes.map((minute) => fillAt(`2026-01-31T09:${minute}:00Z`));
  const sinceMs = Date.parse("2026-01-31T09:30:00Z");
  const titles = fillMarks(fills, PAIR, { intervalS: 60, sinceMs }).map(({ title }) => title);
  assert.deepEqual(titles, ["fill", "", "", "fill"]);
});

test("fills before the first candle are left out", () => {
  const sinceMs = Date.parse("2026-01-31T09:30:00Z");
  const early = fillAt("2026-01-31T09:29:59Z");
  assert.deepEqual(fillMarks([early], PAIR, { intervalS: 60, sinceMs }), []);
});
