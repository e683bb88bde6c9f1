/** The portfolio's figures in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toSeries } from "../../static/js/portfolio/equity-chart.js";
import { curveText, dayChange, direction } from "../../static/js/portfolio/portfolio-text.js";

test("a change is a gain, a loss or neither", () => {
  assert.deepEqual(["1.5", "-0.000001", 0].map(direction), ["gain", "loss", "even"]);
});

test("the day's change has its sign and its share", () => {
  assert.equal(dayChange("12.5", "0.5"), "+$12.50 (+0.5 %) in 24 h");
  assert.equal(dayChange("-1200", "-12.3"), "−$1,200.00 (−12.3 %) in 24 h");
  assert.equal(dayChange(0, null), "$0.00 in 24 h");
});

test("the curve is told to those who cannot see it", () => {
  const points = ["100", "90", "120.5"].map((equityUsd) => ({ equityUsd }));
  assert.equal(curveText(points), "Equity curve: +$20.50 over the time shown");
  assert.equal(curveText(points.slice(0, 1)), "Equity curve: it begins now");
});

test("of two points of one second the later one is drawn", () => {
  const points = [
    { time: "2026-01-31T09:30:00.100Z", equityUsd: "1" },
    { time: "2026-01-31T09:30:01.000Z", equityUsd: "2" },
    { time: "2026-01-31T09:30:01.900Z", equityUsd: "3" },
  ];
  const second = Date.parse("2026-01-31T09:30:00Z") / 1000;
  assert.deepEqual(toSeries(points), [
    { time: second, value: 1 },
    { time: second + 1, value: 3 },
  ]);
});
