/** What a user types as an amount. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amountProblem,
  commaProblem,
  decimalsOf,
  isZero,
  multiply,
  readDecimal,
  readSignedDecimal,
} from "../../static/js/lib/exact-amount.js";

test("typed numbers are read in the ways people write them", () => {
  const table = [
    ["1,5", "1.5"],
    [" 1 000 ", "1000"],
    ["1_000'000", "1000000"],
    [".5", "0.5"],
    ["5.", "5"],
    ["007.500", "7.5"],
    ["0", "0"],
    ["0.0", "0"],
    ["1.000000000000000000001", "1.000000000000000000001"],
  ];
  for (const [typed, expected] of table) assert.equal(readDecimal(typed), expected, typed);
});

test("what is no plain positive number is refused", () => {
  for (const typed of ["", ".", "-1", "1e9", "1.2.3", "1,2,3", "0x10", "one", "<img>", "∞"]) {
    assert.equal(readDecimal(typed), null, typed);
  }
});

test("a comma that could group thousands is refused, with both ways to write the number", () => {
  for (const typed of ["1,000", " 12,345", "999,999"])
    assert.equal(readDecimal(typed), null, typed);
  assert.equal(commaProblem("1,200"), "Write 1200 or 1.200: the comma could mean either");
  assert.equal(amountProblem("1,200", 6, "USDC"), commaProblem("1,200"));
  assert.equal(readSignedDecimal("-1,200"), null);
  const table = [
    ["0,123", "0.123"],
    ["1,00", "1"],
    ["1,2345", "1.2345"],
    ["1234,567", "1234.567"],
    ["1 234,567", "1234.567"],
    ["1000", "1000"],
  ];
  for (const [typed, expected] of table) {
    assert.equal(commaProblem(typed), null, typed);
    assert.equal(readDecimal(typed), expected, typed);
  }
});

test("the problem with an amount is named", () => {
  const problem = (typed) => amountProblem(typed, 6, "USDC");
  assert.equal(problem("one"), "Enter a number, such as 1.5");
  assert.equal(problem("0,00"), "Enter an amount above 0");
  assert.equal(problem("1.0000001"), "USDC has at most 6 decimals");
  assert.equal(problem("1000000000001"), "The most is 1,000,000,000,000");
  assert.equal(problem("1000000000000.5"), "The most is 1,000,000,000,000");
  for (const good of ["1", "0.000001", "1.0000000", "1000000000000", "999999999999.999999"]) {
    assert.equal(problem(good), null, good);
  }
});

test("products are exact", () => {
  const table = [
    ["0.1", "0.2", "0.02"],
    ["1.5", "400", "600"],
    ["0.000000001", "0.000000001", "0.000000000000000001"],
    ["123456789.123456789", "987654321.987654321", "121932631356500531.347203169112635269"],
    ["0", "5", "0"],
  ];
  for (const [a, b, expected] of table) {
    assert.equal(multiply(a, b), expected);
    assert.equal(multiply(b, a), expected);
  }
});

test("zero is recognised however it is written", () => {
  assert.ok(isZero("0") && isZero("0.000"));
  assert.ok(!isZero("0.001"));
  assert.equal(decimalsOf("1.25"), 2);
  assert.equal(decimalsOf("125"), 0);
});

test("percentages may have a sign", () => {
  const table = [
    ["-5", "-5"],
    ["−1,5", "-1.5"],
    ["+ 2", "2"],
    [" 7", "7"],
    ["--1", null],
    ["", null],
    ["far", null],
  ];
  for (const [typed, expected] of table) assert.equal(readSignedDecimal(typed), expected, typed);
});
