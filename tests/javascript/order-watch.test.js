/** The watch of one order shows its whole history, over reconnections and gaps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { OrderWatch } from "../../static/js/orders/order-watch.js";
import { ApiDouble, historyOf, LiveDouble, recordOf } from "./live-double.js";

/** A watch of order "a" on a server that stores `stored` events of it. */
function watch(stored) {
  const api = new ApiDouble(stored ? { a: historyOf("a", stored) } : {});
  const live = new LiveDouble((_name, { afterSequence }) => {
    const history = api.histories.a;
    if (!history) return { ok: false, code: "order_not_found" };
    return { ok: true, order: recordOf(history), history: history.slice(afterSequence) };
  });
  const watched = new OrderWatch("a", live, api);
  const seen = [];
  const missing = [];
  watched.addEventListener("change", ({ detail: { order, history } }) =>
    seen.push([order.status, history.length]),
  );
  watched.addEventListener("missing", ({ detail }) => missing.push(detail));
  return { api, live, watched, seen, missing };
}

const settle = () => sleep(0);

test("reading shows the record and its history", async () => {
  const { watched, seen } = watch(3);
  await watched.read();
  assert.deepEqual(seen, [["building", 3]]);
  assert.deepEqual(
    watched.raw.history.map(({ status }) => status),
    ["pending", "routing", "building"],
  );
});

test("live events continue the history", async () => {
  const { live, watched, seen } = watch(1);
  await watched.read();
  live.send(historyOf("a", 2)[1]);
  live.send(historyOf("a", 2)[1]);
  assert.deepEqual(seen.at(-1), ["routing", 2]);
  assert.equal(seen.length, 2);
});

test("events of other orders are ignored", async () => {
  const { live, watched, seen } = watch(1);
  await watched.read();
  live.send(historyOf("b", 2)[1]);
  assert.equal(seen.length, 1);
});

test("a gap is filled by subscribing from the last event seen", async () => {
  const { api, live, watched, seen } = watch(1);
  await watched.read();
  api.histories.a = historyOf("a", 4);
  live.send(historyOf("a", 4)[3]);
  await settle();
  assert.deepEqual(live.asked, [["subscribe", { orderId: "a", afterSequence: 1 }]]);
  assert.deepEqual(seen.at(-1), ["submitted", 4]);
});

test("a reconnection takes in what was missed", async () => {
  const { api, live, watched, seen } = watch(2);
  await watched.read();
  api.histories.a = historyOf("a", 5);
  live.connect();
  await settle();
  assert.deepEqual(seen.at(-1), ["confirmed", 5]);
});

test("catching up twice at once asks once", async () => {
  const { live, watched } = watch(2);
  await Promise.all([watched.catchUp(), watched.catchUp()]);
  assert.equal(live.asked.length, 1);
});

test("the record is read again after the end, which rounds no number", async () => {
  const { api, live, watched } = watch(4);
  await watched.read();
  api.histories.a = historyOf("a", 5);
  live.send(historyOf("a", 5)[4]);
  await settle();
  assert.equal(api.calls.filter(([name]) => name === "readOrder").length, 2);
  assert.equal(watched.raw.status, "confirmed");
});

test("an unknown order is told as missing, over either way", async () => {
  const { live, watched, missing } = watch(0);
  await watched.read();
  assert.equal(missing.length, 1);
  live.connect();
  await settle();
  assert.equal(missing[1].code, "order_not_found");
});

test("an order that is shown does not go missing in an outage", async () => {
  const { api, watched, missing } = watch(2);
  await watched.read();
  api.histories = {};
  await watched.read();
  await watched.catchUp();
  assert.deepEqual(missing, []);
});
