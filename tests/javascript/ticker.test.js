/** Repeated and delayed work. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { debounce } from "../../static/js/lib/ticker.js";

test("debounced work is done once, after a pause, with the last values", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const done = [];
  const soon = debounce(200, (value) => done.push(value));
  soon("first");
  t.mock.timers.tick(199);
  soon("second");
  t.mock.timers.tick(199);
  assert.deepEqual(done, []);
  t.mock.timers.tick(1);
  assert.deepEqual(done, ["second"]);
});
