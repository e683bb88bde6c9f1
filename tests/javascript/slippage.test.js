/** The slippage tolerance. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { slippageBps, slippageRemark } from "../../static/js/ticket/slippage.js";

test("a preset is its basis points, whatever was typed", () => {
  assert.equal(slippageBps("50", "99"), 50);
});

test("a custom percentage becomes basis points", () => {
  const table = [
    ["2", 200],
    ["0,5", 50],
    ["0.29", 29],
    ["0", 0],
    ["50", 5000],
  ];
  for (const [typed, bps] of table) assert.equal(slippageBps("custom", typed), bps, typed);
});

test("a percentage that is none, negative or too high is unusable", () => {
  for (const typed of ["", "two", "-1", "50.01", "1e3", "0.001", "0.004", "1.005"]) {
    assert.equal(slippageBps("custom", typed), null, typed);
  }
});

test("remarks warn of what will probably fail and of what may cost much", () => {
  const remark = (typed) => slippageRemark("custom", typed);
  assert.deepEqual(remark("5"), { kind: "", text: "" });
  assert.deepEqual(slippageRemark("100", ""), { kind: "", text: "" });
  assert.deepEqual(remark(""), { kind: "", text: "Enter a percentage, such as 2" });
  assert.deepEqual(remark("51"), {
    kind: "bad",
    text: "Enter a percentage from 0 to 50, in steps of 0.01",
  });
  assert.equal(remark("0").kind, "warn");
  assert.deepEqual(remark("6"), {
    kind: "warn",
    text: "You may receive up to 6 % less than quoted.",
  });
});
