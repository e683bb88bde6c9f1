/** Finding tokens, and the line of their prices. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { changeText } from "../../static/js/ticket/token-row.js";
import { searchTokens, sparkline } from "../../static/js/ticket/token-search.js";

const NOW = Date.parse("2026-01-31T09:30:00Z");
const TOKENS = [
  { symbol: "jupSOL", name: "Jupiter Staked SOL", mint: "jup1", launched: true },
  { symbol: "SOL", name: "Solana", mint: "So11", launched: true },
  { symbol: "SOLAR", mint: "sol9", liveAt: "2026-01-31T09:29:00Z" },
  { symbol: "WIF", name: "dogwifhat", mint: "EKpQ", launched: true },
  { symbol: "EARLY", mint: "ear1", liveAt: "2026-01-31T09:31:00Z" },
  { symbol: "LATER", mint: "lat1", launched: false, liveAt: null },
];
const symbols = (text) => searchTokens(TOKENS, text, NOW).map(({ symbol }) => symbol);

test("the closest symbol comes first, then names and mint addresses", () => {
  assert.deepEqual(symbols(" sol "), ["SOL", "SOLAR", "jupSOL"]);
  assert.deepEqual(symbols("dogw"), ["WIF"]);
  assert.deepEqual(symbols("EKp"), ["WIF"]);
  assert.deepEqual(symbols("ekp"), [], "mint addresses have capitals");
  assert.deepEqual(symbols("none such"), []);
});

test("without a search all launched tokens are offered, in their order", () => {
  assert.deepEqual(symbols(""), ["jupSOL", "SOL", "SOLAR", "WIF"]);
});

test("no more tokens are shown than can be looked through", () => {
  const many = Array.from({ length: 90 }, (_, index) => ({ symbol: `T${index}`, launched: true }));
  assert.equal(searchTokens(many, "t", NOW).length, 50);
});

test("a price's line spans its range, and is flat without one", () => {
  assert.equal(sparkline(["1", "3", "2"]), "0.0,18.5 30.0,1.5 60.0,10.0");
  assert.equal(sparkline(["2", "2"]), "0.0,18.5 60.0,18.5");
  assert.equal(sparkline(["2"]), "");
  assert.equal(sparkline([]), "");
});

test("a change has its sign", () => {
  assert.deepEqual(["1.25", "-0.5", 0].map(changeText), ["+1.25 %", "−0.5 %", "0 %"]);
});
