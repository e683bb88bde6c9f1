/** The history's rows: sorting, totals, days. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayBefore,
  historyQuery,
  noneText,
  sortRows,
  totalsOf,
  totalsText,
} from "../../static/js/history/history-rows.js";

const row = (orderId, createdAt, fields = {}) => ({
  orderId,
  createdAt,
  status: "confirmed",
  tokenIn: "SOL",
  tokenOut: "USDC",
  ...fields,
});
const ROWS = [
  row("a", "2026-05-01", { amountIn: "9", amountOutUsd: "0.1" }),
  row("b", "2026-05-03", { amountIn: "10", status: "failed" }),
  row("c", "2026-05-02", { amountIn: "10", amountOutUsd: "1234567890123456.25" }),
];
const order = (sort) =>
  sortRows(ROWS, sort)
    .map(({ orderId }) => orderId)
    .join("");

test("numbers sort by size, equal ones by time, what is not known comes last", () => {
  assert.equal(order({ column: "amountIn", descending: false }), "acb");
  assert.equal(order({ column: "amountIn", descending: true }), "bca");
  assert.equal(order({ column: "amountOutUsd", descending: true }), "cab");
  assert.equal(order({ column: "amountOutUsd", descending: false }), "acb");
  assert.equal(order({ column: "createdAt", descending: true }), "bca");
  assert.equal(order({ column: "status", descending: false }), "acb");
  assert.equal(order({ column: "pair", descending: false }), "acb");
});

test("totals are exact", () => {
  const totals = totalsOf(ROWS);
  assert.equal(totals.receivedUsd, "1234567890123456.35");
  assert.equal(totals.paidUsd, null);
  assert.equal(totalsText(totals), "3 orders: 2 confirmed, 1 failed");
  assert.equal(totalsText(totalsOf([])), "0 orders");
  assert.equal(totalsText(totalsOf([ROWS[0]])), "1 order: 1 confirmed");
});

test("days are whole days of this computer", () => {
  const typed = { from: "2026-02-28", to: "2026-02-28", status: "", type: "limit" };
  assert.deepEqual(historyQuery(typed, ["confirmed", "failed"]), {
    type: "limit",
    status: "confirmed,failed",
    from: new Date(2026, 1, 28).toISOString(),
    to: new Date(2026, 2, 1).toISOString(),
  });
  assert.equal(historyQuery({ from: "", to: "", status: "failed" }, []).status, "failed");
  assert.equal(dayBefore(1, new Date(2026, 2, 1, 23)), "2026-02-28");
});

test("a table without rows says why", () => {
  const form = (fields) => ({ from: "", to: "", status: "", type: "", ...fields });
  assert.equal(noneText(form({})), "No order has ended yet.");
  assert.equal(noneText(form({ status: "failed" })), "No order matches these filters.");
  assert.equal(
    noneText(form({ from: "2026-01-31", to: "2026-01-31" })),
    "No order matches these filters.",
  );
  assert.match(noneText(form({ from: "2026-02-01", to: "2026-01-31" })), /first day is after/);
});
