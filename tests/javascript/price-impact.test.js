/** Remarks on the price impact, and the consent to a very high one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { impactRemark, isConsent, needsConsent } from "../../static/js/ticket/price-impact.js";

test("remarks get sharper at 1, 3 and 5 per cent", () => {
  const tier = (impact) => impactRemark(impact)?.tier ?? null;
  const table = [
    [0, null],
    [0.0099, null],
    [0.01, "notice"],
    [0.0299, "notice"],
    [0.03, "warn"],
    [0.05, "high"],
    [0.9, "high"],
  ];
  for (const [impact, expected] of table) assert.equal(tier(impact), expected, impact);
});

test("a remark tells the impact", () => {
  assert.equal(
    impactRemark(0.0314).text,
    "Price impact 3.14 % is high. A smaller order gets a better price.",
  );
});

test("consent is needed above 10 per cent only", () => {
  assert.ok(!needsConsent(0.1));
  assert.ok(needsConsent(0.1001));
});

test("consent is the word, in any case", () => {
  for (const typed of ["accept", " ACCEPT "]) assert.ok(isConsent(typed));
  for (const typed of ["", "yes", "accepted"]) assert.ok(!isConsent(typed));
});
