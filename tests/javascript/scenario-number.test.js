/** The number that some scenarios take. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { scenarioNumberProblem } from "../../static/js/ticket/scenario-number.js";

test("only a whole number within the scenario's bounds is sent", () => {
  for (const typed of ["1", "30", "60"]) assert.equal(scenarioNumberProblem(typed, "s", 60), null);
  for (const typed of ["", "abc", "0", "61", "1.5", "-3", "1e1"])
    assert.equal(scenarioNumberProblem(typed, "s", 60), "Enter whole seconds from 1 to 60", typed);
  assert.equal(
    scenarioNumberProblem("10000", "bps", 9999),
    "Enter whole basis points from 1 to 9,999",
  );
});
