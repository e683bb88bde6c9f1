/** Scheduled token launches. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  base58,
  currentLaunches,
  findLaunch,
  opening,
  practiceLaunch,
  setLaunches,
} from "../../static/js/market/launches.js";

const NOW = Date.parse("2026-01-31T09:30:00Z");
const launchIn = (symbol, ms) => ({
  symbol,
  mint: `${symbol}Mint`,
  liveAt: new Date(NOW + ms).toISOString(),
});

test("a launch is found by symbol and by mint", () => {
  setLaunches([launchIn("COMET", 1000)]);
  assert.equal(findLaunch("CometMint"), undefined);
  assert.equal(findLaunch("COMETMint").symbol, "COMET");
  assert.equal(findLaunch("COMET").mint, "COMETMint");
});

test("launches that opened long ago are not offered, of many only the last", () => {
  const old = launchIn("OLD", -120_000);
  const recent = launchIn("RECENT", -119_000);
  const coming = ["A", "B", "C"].map((symbol) => launchIn(symbol, 5000));
  setLaunches([old, recent, ...coming]);
  assert.deepEqual(
    currentLaunches(NOW).map(({ symbol }) => symbol),
    ["RECENT", "A", "B", "C"],
  );
  setLaunches([...coming, recent, launchIn("D", 6000)]);
  assert.equal(currentLaunches(NOW).length, 4);
});

test("a launch tells when it opens", () => {
  assert.equal(opening(launchIn("A", 25_000), NOW), "opens in 25 s");
  assert.equal(opening(launchIn("A", 200), NOW), "opens in 1 s");
  assert.equal(opening(launchIn("A", 0), NOW), "open");
});

test("base58 is Solana's", () => {
  assert.equal(
    base58(new Uint8Array(32).fill(255)),
    "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG",
  );
  assert.equal(base58(new Uint8Array([58])), "21");
});

test("a practice launch has an address of its own and opens half a minute later", () => {
  const launches = Array.from({ length: 50 }, () => practiceLaunch(NOW));
  for (const { mint, symbol, liveAt } of launches) {
    assert.match(mint, /^[1-9A-HJ-NP-Za-km-z]{43,44}$/);
    assert.match(symbol, /^NOVA\d+$/);
    assert.equal(Date.parse(liveAt), NOW + 30_000);
  }
  assert.equal(new Set(launches.map(({ mint }) => mint)).size, 50);
});
