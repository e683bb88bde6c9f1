/** Which keys mean what. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { match } from "../../static/js/settings/shortcuts.js";

const LIST = [{ keys: "g t" }, { keys: "g p" }, { keys: "x" }, { keys: "X" }];
const keysOf = ({ hit, open }) => [hit?.keys ?? null, open];

test("a key is a shortcut, begins one, or is nothing", () => {
  assert.deepEqual(keysOf(match(LIST, "x")), ["x", false]);
  assert.deepEqual(keysOf(match(LIST, "X")), ["X", false]);
  assert.deepEqual(keysOf(match(LIST, "g")), [null, true]);
  assert.deepEqual(keysOf(match(LIST, "g p")), ["g p", false]);
  assert.deepEqual(keysOf(match(LIST, "g x")), [null, false]);
  assert.deepEqual(keysOf(match(LIST, "t")), [null, false]);
});
