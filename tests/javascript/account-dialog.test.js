/** The account dialog: the wait after too many tries, and sessions in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoolDown, waitText } from "../../static/js/account/cool-down.js";
import { sessionText } from "../../static/js/account/session-text.js";

test("the wait is counted in whole seconds, the last of them to its end", () => {
  assert.equal(waitText(41_001), "Try again in 42 s");
  assert.equal(waitText(1), "Try again in 1 s");
});

test("a button waits for what a refusal asks and is then itself again", (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const button = { textContent: "Log in", disabled: false };
  const coolDown = new CoolDown(button, "Log in");
  coolDown.heed({ status: 401, retryAfterS: null });
  assert.equal(coolDown.waits, false);
  coolDown.heed({ status: 429, retryAfterS: 2 });
  assert.deepEqual(button, { textContent: "Try again in 2 s", disabled: true });
  coolDown.setLabel("Sign up");
  t.mock.timers.tick(1000);
  assert.deepEqual(button, { textContent: "Try again in 1 s", disabled: true });
  t.mock.timers.tick(1000);
  assert.deepEqual(button, { textContent: "Sign up", disabled: false });
});

test("a session says what it is, since when, and when it was used", () => {
  const now = Date.parse("2026-01-31T10:00:00Z");
  const session = {
    userAgent: "Firefox on Windows",
    createdAt: "2026-01-30T10:00:00Z",
    lastUsedAt: "2026-01-31T09:00:00Z",
    current: false,
  };
  assert.equal(sessionText(session, now).name, "Firefox on Windows");
  assert.match(sessionText(session, now).when, /^since .*2026.*, used 1 h ago$/);
  const own = sessionText({ ...session, userAgent: null, current: true }, now);
  assert.equal(own.name, "Unknown program (this one)");
  assert.match(own.when, /in use$/);
});
