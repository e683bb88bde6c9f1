/** JSON whose numbers lose no digit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExact } from "../../static/js/lib/exact-json.js";

let tellsSource = false;
JSON.parse("1", (_key, value, context) => {
  tellsSource = context?.source === "1";
  return value;
});
const skip = tellsSource ? false : "this Node.js does not tell the source text of numbers";

test("what is no JSON is undefined", () => {
  assert.equal(parseExact("<html>"), undefined);
  assert.equal(parseExact(""), undefined);
  assert.equal(parseExact("null"), null);
});

test("numbers that a float holds stay numbers", () => {
  assert.deepEqual(parseExact('{"n": 1.5, "list": [3, "3"]}'), { n: 1.5, list: [3, "3"] });
});

test("numbers that a float would change stay text", { skip }, () => {
  assert.deepEqual(parseExact("[0.12345678901234567890, 9007199254740993, 1.10]"), [
    "0.12345678901234567890",
    "9007199254740993",
    "1.10",
  ]);
});
