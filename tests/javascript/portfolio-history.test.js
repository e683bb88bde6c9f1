/** The portfolio's history: transfers in words, pages that go together; balances to start with. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ledgerLine } from "../../static/js/portfolio/ledger-text.js";
import { freshest } from "../../static/js/portfolio/paging.js";
import { readBalances } from "../../static/js/portfolio/starting-balances.js";

const entry = (wallet, token, amount) => ({ wallet, token, amount });
const keyOf = (item) => item;

test("a swap is what it took and gave, and the pool it came from", () => {
  const entries = [
    entry("me", "SOL", "-1.5"),
    entry("pool:meteora", "SOL", "1.5"),
    entry("pool:meteora", "USDC", "-230"),
    entry("me", "USDC", "230"),
  ];
  assert.deepEqual(ledgerLine({ kind: "swap", entries }, "me"), {
    what: "Swap",
    changes: [
      { token: "SOL", amount: "-1.5" },
      { token: "USDC", amount: "230" },
    ],
    others: ["Meteora pool"],
  });
});

test("money from the faucet names it, a transfer the other wallet", () => {
  const given = [entry("me", "SOL", "1"), entry("faucet", "SOL", "-1")];
  assert.deepEqual(ledgerLine({ kind: "faucet", entries: given }, "me").others, ["Faucet"]);
  const sent = [entry("me", "SOL", "-1"), entry("you", "SOL", "1")];
  assert.deepEqual(ledgerLine({ kind: "transfer", entries: sent }, "me").others, ["you"]);
});

test("what an account began with is no starting over", () => {
  const entries = [entry("me", "SOL", "100"), entry("faucet", "SOL", "-100")];
  assert.equal(ledgerLine({ kind: "reset", entries }, "me").what, "Starting balances");
});

test("older pages follow the newest one without repeating it", () => {
  const page = { items: [9, 8, 7], nextCursor: "6" };
  const shown = { items: [8, 7, 6, 5], cursor: "4" };
  assert.deepEqual(freshest(page, shown, keyOf), { items: [9, 8, 7, 6, 5], cursor: "4" });
});

test("older pages that do not meet the newest one are dropped: something is missing between", () => {
  const page = { items: [9, 8, 7], nextCursor: "6" };
  assert.deepEqual(freshest(page, { items: [3, 2], cursor: "1" }, keyOf), {
    items: [9, 8, 7],
    cursor: "6",
  });
});

test("balances to start with are read exactly; none may be there twice or nonsense", () => {
  const row = (token, text, decimals = 6) => ({ token, decimals, text });
  assert.deepEqual(readBalances([row("SOL", "1,5"), row("USDC", " "), row("BONK", "0")]), {
    balances: { SOL: "1.5", BONK: "0" },
  });
  assert.equal(readBalances([row("SOL", "1"), row("SOL", "2")]).index, 1);
  assert.match(readBalances([row("SOL", "much")]).problem, /number/);
  assert.match(readBalances([row("SOL", "0.0000001")]).problem, /6 decimals/);
  assert.match(readBalances([row("SOL", "")]).problem, /at least one/);
});
