/** What amounts are worth. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { worthText } from "../../static/js/ticket/usd-values.js";

test("an amount is worth its price, a float's exponent included", () => {
  assert.equal(worthText("2", "165.1"), "≈ $330.20");
  assert.equal(worthText(1e-7, 2), "≈ $0.0000002");
});

test("nothing is said while amount or price are not known", () => {
  assert.equal(worthText(null, "165"), "");
  assert.equal(worthText("2", undefined), "");
});
