import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deliveryState,
  endpointState,
  mergePages,
  testText,
  troubleText,
  whenText,
  wishText,
} from "../../static/js/webhooks/webhook-text.js";

const NOW = Date.parse("2026-11-25T00:00:00Z");
const LATER = "2026-11-25T00:00:04.500Z";
const ACTIVE = { status: "active", failures: 0, nextAttemptAt: null, lastError: null };

test("an endpoint tells how it does, and when it is tried again", () => {
  assert.deepEqual(endpointState(ACTIVE, NOW), { look: "confirmed", text: "Active" });
  const failing = { ...ACTIVE, failures: 2, nextAttemptAt: LATER };
  assert.equal(endpointState(failing, NOW).text, "Failing, retry in 5 s");
  assert.equal(endpointState(failing, NOW + 10_000).text, "Failing, retry now");
  assert.equal(endpointState({ ...ACTIVE, status: "paused" }, NOW).text, "Paused");
  assert.equal(endpointState({ ...ACTIVE, status: "failed" }, NOW).look, "failed");
});

test("trouble is told only where there is some", () => {
  assert.equal(troubleText(ACTIVE), "");
  const refused = "The receiver answered 500.";
  const failing = { ...ACTIVE, failures: 1, lastError: refused };
  assert.equal(troubleText(failing), `The last delivery failed. ${refused}`);
  const more = troubleText({ ...failing, failures: 3 });
  assert.equal(more, `The last 3 deliveries failed. ${refused}`);
  assert.match(troubleText({ ...failing, status: "failed" }), /Repair the receiver, then resume/);
  assert.match(troubleText({ ...ACTIVE, status: "paused" }), /events wait/);
});

test("what an endpoint gets is told in words", () => {
  assert.equal(wishText({ events: null, amounts: "number" }), "All statuses");
  const some = { events: ["open", "confirmed", "failed"], amounts: "string" };
  assert.equal(wishText(some), "Only open, confirmed and failed; amounts as strings");
});

test("a delivery waits, is tried again, arrives or is dropped", () => {
  const delivery = { status: "pending", attempts: 0, nextAttemptAt: LATER };
  assert.equal(deliveryState(delivery, "active", NOW).text, "Waiting");
  const tried = { ...delivery, attempts: 1 };
  assert.equal(deliveryState(tried, "active", NOW).text, "Retry in 5 s");
  assert.equal(deliveryState(tried, "paused", NOW).text, "Waiting");
  assert.equal(deliveryState({ ...tried, status: "delivered" }, "active", NOW).text, "Delivered");
  assert.equal(deliveryState({ ...tried, status: "dropped" }, "active", NOW).text, "Dropped");
});

test("a test message tells what came of it", () => {
  assert.match(testText({ delivered: true, responseStatus: 204, error: null }), /answered 204/);
  const silent = { delivered: false, responseStatus: null, error: "No answer in time." };
  assert.equal(testText(silent), "No answer in time.");
});

test("the time of a delivery is that of its arrival, if it arrived", () => {
  const delivery = { createdAt: "2026-11-24T23:00:00Z", deliveredAt: null };
  assert.equal(whenText(delivery, NOW), "1 h ago");
  assert.equal(whenText({ ...delivery, deliveredAt: "2026-11-24T23:59:50Z" }, NOW), "10 s ago");
});

test("older pages stay behind the newest one only where nothing is missing between", () => {
  const page = (...ids) => ids.map((id) => ({ id }));
  assert.deepEqual(mergePages(page(9, 8, 7), page(8, 7, 6, 5)), page(9, 8, 7, 6, 5));
  assert.deepEqual(mergePages(page(9, 8, 7), page(5, 4)), page(9, 8, 7));
  assert.deepEqual(mergePages(page(), page()), []);
});
