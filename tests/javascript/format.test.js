/** Numbers and times as people read them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ago,
  amount,
  bps,
  clockTime,
  duration,
  percent,
  plainDecimal,
  shorten,
  shortId,
  signedUsd,
  usd,
  venueName,
} from "../../static/js/lib/format.js";

function assertTable(format, table) {
  for (const [value, expected] of table) assert.equal(format(value), expected, String(value));
}

test("exponents become plain digits", () => {
  assertTable(plainDecimal, [
    ["1.5e-7", "0.00000015"],
    [1e-9, "0.000000001"],
    ["1.25e2", "125"],
    ["1.25e1", "12.5"],
    ["-3E+3", "-3000"],
    ["42.10", "42.10"],
  ]);
});

test("amounts show about six significant digits, thousands grouped", () => {
  assertTable(amount, [
    ["1234567.89", "1,234,568"],
    ["151.20031", "151.2003"],
    ["0.0000214346", "0.00002143"],
    [1.5, "1.5"],
    ["2.000", "2"],
    ["0", "0"],
    ["-1234.5", "−1,234.5"],
    [null, "–"],
    [undefined, "–"],
  ]);
});

test("amounts are rounded as text, so that no digit is lost to a float", () => {
  assertTable(amount, [
    ["9007199254740993", "9,007,199,254,740,993"],
    ["123456789012345678901.6", "123,456,789,012,345,678,902"],
    ["999.99995", "1,000"],
    ["0.000099999", "0.0001"],
  ]);
});

test("what is no number is shown as it is", () => {
  assert.equal(amount("<img>"), "<img>");
});

test("fractions read as per cent", () => {
  assertTable(percent, [
    [0.0123, "1.23 %"],
    [0.5, "50 %"],
    [0, "0 %"],
    [-0.015, "−1.5 %"],
    [154.8703, "15,487 %"],
    [-154.8703, "−15,487 %"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "–"],
  ]);
  assert.equal(percent(0.12345, 1), "12.3 %");
});

test("a fraction too small to show keeps neither a wrong zero nor a stray sign", () => {
  assert.equal(percent(0.00001), "< 0.01 %");
  assert.equal(percent(-0.00001), "0 %");
});

test("basis points read as per cent", () => {
  assertTable(bps, [
    [30, "0.3 %"],
    [10_000, "100 %"],
    [0, "0 %"],
  ]);
});

test("spans of time use the two largest units that matter", () => {
  assertTable(duration, [
    [-5, "0 ms"],
    [840, "840 ms"],
    [1000, "1 s"],
    [2400, "2.4 s"],
    [59_400, "59 s"],
    [60_000, "1 min"],
    [185_000, "3 min 5 s"],
    [7_800_000, "2 h 10 min"],
    [86_400_000, "1 d"],
    [601_200_000, "6 d 23 h"],
  ]);
});

test("ages are coarse", () => {
  assertTable(ago, [
    [1999, "just now"],
    [12_900, "12 s ago"],
    [3_599_000, "59 min ago"],
    [7_200_000, "2 h ago"],
    [172_800_000, "2 d ago"],
  ]);
});

test("clock times can show milliseconds", () => {
  assert.match(clockTime("2026-01-31T09:30:05.007Z", true), /^\d\d:\d\d:05\.007$/);
  assert.match(clockTime("2026-01-31T09:30:05.007Z"), /^\d\d:\d\d:05$/);
});

test("ids and addresses are shortened so that they can still be told apart", () => {
  assert.equal(shortId("019de000-0000-7000-8000-0123456789ab"), "456789ab");
  assert.equal(shorten("So11111111111111111111111111111111111111112", 4), "So11…1112");
  assert.equal(shorten("short"), "short");
});

test("venues are written with a capital", () => {
  assert.equal(venueName("raydium"), "Raydium");
  assert.equal(venueName(null), "–");
});

test("dollars have cents; what is less keeps four digits", () => {
  const table = [
    ["251942.535", "$251,942.54"],
    ["-0.2", "−$0.20"],
    [0, "$0.00"],
    ["0.004", "$0.004"],
    ["1e-7", "$0.0000001"],
    ["999.999", "$1,000.00"],
    [null, "–"],
  ];
  for (const [value, text] of table) assert.equal(usd(value), text);
});

test("profit has its sign", () => {
  assert.deepEqual([12, "-3.1", 0].map(signedUsd), ["+$12.00", "−$3.10", "$0.00"]);
});
