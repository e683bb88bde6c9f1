/** Scheduled token launches. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addOwnLaunch,
  base58,
  currentLaunches,
  findLaunch,
  opening,
  practiceLaunch,
  setLaunches,
} from "../../static/js/market/launches.js";
import { findToken } from "../../static/js/market/tokens.js";
import { MemoryStorage } from "./memory-storage.js";

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

const offered = () => currentLaunches(NOW).map(({ symbol }) => symbol);

test("the next to open are offered first, and what opened long ago not at all", () => {
  const old = launchIn("OLD", -120_000);
  const recent = launchIn("RECENT", -119_000);
  const coming = ["C", "B", "A"].map((symbol, index) => launchIn(symbol, 9000 - index * 1000));
  setLaunches([old, recent, ...coming]);
  assert.deepEqual(offered(), ["A", "B", "C", "RECENT"]);
  setLaunches([...coming, recent, launchIn("NEXT", 10)]);
  assert.deepEqual(offered(), ["NEXT", "A", "B", "C"]);
});

test("an own launch is known at once and not hidden by those of others", () => {
  const storage = new MemoryStorage();
  setLaunches(Array.from({ length: 20 }, (_, n) => launchIn(`OTHER${n}`, 1000 + n)));
  addOwnLaunch(launchIn("MINE", 30_000), storage);
  assert.equal(findLaunch("MINE").mint, "MINEMint");
  assert.equal(findToken("mine").symbol, "MINE");
  assert.deepEqual(offered(), ["OTHER0", "OTHER1", "OTHER2", "MINE"]);
  assert.equal(JSON.parse(storage.getItem("orders.launches")).length, 1);
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
