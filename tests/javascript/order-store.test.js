/** The store keeps orders right whatever is lost, doubled or out of order on the way. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem } from "../../static/js/lib/api.js";
import { OrderStore } from "../../static/js/orders/order-store.js";
import { ApiDouble, eventOf, historyOf, LiveDouble, recordOf } from "./live-double.js";

const LOOKED_UP_MS = 260;

function open(histories = {}) {
  const live = new LiveDouble();
  const api = new ApiDouble(histories);
  const store = new OrderStore(live, api);
  const changes = [];
  store.addEventListener("change", ({ detail: { order, live: isLive } }) =>
    changes.push([order.orderId, order.status, isLive]),
  );
  return { live, api, store, changes };
}

/** Lets promises that are ready run. */
const settle = () => sleep(0);

test("events are applied once and in order", () => {
  const { live, store, changes } = open();
  store.put(recordOf(historyOf("a", 1)));
  const [, routing, building] = historyOf("a", 3);
  for (const event of [routing, routing, building, routing]) live.send(event);
  assert.equal(store.get("a").status, "building");
  assert.deepEqual(changes, [
    ["a", "pending", false],
    ["a", "routing", true],
    ["a", "building", true],
  ]);
});

test("a gap is filled from the stored history", async () => {
  const { live, api, store, changes } = open({ a: historyOf("a", 4) });
  store.put(recordOf(historyOf("a", 1)));
  live.send(historyOf("a", 4)[3]);
  assert.equal(store.get("a").status, "pending");
  await settle();
  assert.equal(store.get("a").status, "submitted");
  assert.deepEqual(api.calls, [["readHistory", "a", 1]]);
  assert.deepEqual(
    changes.map(([, status]) => status),
    ["pending", "routing", "building", "submitted"],
  );
});

test("what has just happened is told even if a list of past fills brought it first", () => {
  const { store, changes } = open();
  const record = recordOf(historyOf("a", 5));
  store.put(record);
  store.put(record);
  store.put(record, true);
  assert.deepEqual(changes, [
    ["a", "confirmed", false],
    ["a", "confirmed", true],
  ]);
});

test("events that come during a repair wait for it", async () => {
  const { live, store } = open({ a: historyOf("a", 4) });
  store.put(recordOf(historyOf("a", 1)));
  const events = historyOf("a", 5);
  live.send(events[3]);
  live.send(events[4]);
  await settle();
  assert.equal(store.get("a").status, "confirmed");
});

test("a gap that could not be filled is found again at the next event", async () => {
  const { live, api, store } = open();
  store.put(recordOf(historyOf("a", 1)));
  live.send(historyOf("a", 3)[2]);
  await settle();
  assert.equal(store.get("a").status, "pending");
  api.histories.a = historyOf("a", 4);
  live.send(historyOf("a", 4)[3]);
  await settle();
  assert.equal(store.get("a").status, "submitted");
});

test("a record that is older than the events is ignored", () => {
  const { live, store } = open();
  store.put(recordOf(historyOf("a", 1)));
  live.send(historyOf("a", 2)[1]);
  assert.equal(store.put(recordOf(historyOf("a", 1))).status, "routing");
});

test("events of an unknown order wait until its record is read", async () => {
  const { live, store, changes } = open({ a: historyOf("a", 2) });
  live.send(eventOf("a", 2, "routing"));
  live.send(eventOf("a", 3, "building"));
  assert.equal(store.get("a"), undefined);
  await sleep(LOOKED_UP_MS);
  assert.equal(store.get("a").status, "building");
  assert.deepEqual(changes.at(-1), ["a", "building", true]);
});

test("many unknown orders are looked up in the list, a page for all", async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `order-${index}`);
  const { live, api, store } = open(Object.fromEntries(ids.map((id) => [id, historyOf(id, 1)])));
  for (const id of ids) live.send(eventOf(id, 2, "routing"));
  await sleep(LOOKED_UP_MS);
  assert.deepEqual(api.calls, [["listOrders", null]]);
  for (const id of ids) assert.equal(store.get(id).status, "routing");
});

test("orders that left the list's pages are read one by one, some in each round", async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `order-${index}`);
  const { live, api, store } = open(Object.fromEntries(ids.map((id) => [id, historyOf(id, 1)])));
  api.listOrders = async () => ({ orders: [], nextCursor: null });
  for (const id of ids) live.send(eventOf(id, 2, "routing"));
  await sleep(LOOKED_UP_MS);
  assert.equal([...store.all()].length, 20);
  await sleep(LOOKED_UP_MS);
  assert.equal([...store.all()].length, 25);
});

test("an order that nobody knows is given up", async () => {
  const { live, api, store } = open();
  live.send(eventOf("none", 2, "routing"));
  await sleep(2 * LOOKED_UP_MS);
  assert.deepEqual(api.calls, [["readOrder", "none"]]);
  assert.equal(store.get("none"), undefined);
});

test("an order that could not be read for the moment is read again", async () => {
  const { live, api, store } = open({ a: historyOf("a", 2) });
  const { readOrder } = api;
  api.readOrder = async () => {
    api.readOrder = readOrder;
    throw new ApiProblem({ status: 503, code: "database_unavailable" });
  };
  live.send(eventOf("a", 3, "building"));
  await sleep(LOOKED_UP_MS);
  assert.equal(store.get("a"), undefined);
  await sleep(2 * LOOKED_UP_MS);
  assert.equal(store.get("a").status, "building");
});

test("the reason of a retry is read from the history, as a record has none", async () => {
  const error = { code: "no_quote", message: "No quote." };
  const history = [
    ...historyOf("a", 2),
    eventOf("a", 3, "pending", { error, attempt: 2, retryAt: "2026-01-31T09:31:00Z" }),
  ];
  const { store } = open({ a: history });
  store.put({ ...recordOf(history), attempts: 1 });
  assert.equal(store.get("a").retry, null);
  await settle();
  assert.deepEqual(store.get("a").retry, {
    attempt: 2,
    at: "2026-01-31T09:31:00Z",
    message: "No quote.",
  });
});

test("lists are read again after each connection and when the server asks for it", async () => {
  const { live, store } = open();
  let stale = 0;
  store.addEventListener("stale", () => {
    stale += 1;
  });
  live.connect();
  assert.equal(stale, 0);
  await settle();
  assert.equal(stale, 1);
  assert.deepEqual(live.asked, [["subscribe_orders"]]);
  live.resync();
  assert.equal(stale, 2);
});

test("a cleared store knows nothing", () => {
  const { store } = open();
  store.put(recordOf(historyOf("a", 1)));
  store.clear();
  assert.deepEqual([...store.all()], []);
});

test("what a live fill was worth is read once, from the record", async () => {
  const { live, api, store } = open({ a: historyOf("a", 5) });
  api.readOrder = async () => ({
    ...recordOf(historyOf("a", 5)),
    amountInUsd: "150",
    amountOutUsd: "149.5",
  });
  store.put(recordOf(historyOf("a", 4)));
  live.send(historyOf("a", 5)[4]);
  assert.equal(store.get("a").amountOutUsd, undefined);
  await sleep(LOOKED_UP_MS);
  assert.equal(store.get("a").status, "confirmed");
  assert.deepEqual([store.get("a").amountInUsd, store.get("a").amountOutUsd], ["150", "149.5"]);
});
