/** The history's orders: read page by page, kept right by the live feed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { matches } from "../../static/js/history/history-rows.js";
import { PastOrders } from "../../static/js/history/past-orders.js";

const QUERY = { status: "confirmed,failed" };

const orderOf = (id, changes = {}) => ({
  orderId: String(id),
  createdAt: new Date(Date.UTC(2026, 0, 31) + id * 1000).toISOString(),
  status: "confirmed",
  type: "market",
  tokenIn: "SOL",
  tokenOut: "USDC",
  ...changes,
});

/** A store that tells what a test lets happen. */
class StoreDouble extends EventTarget {
  put(order) {
    this.tell(order);
    return order;
  }

  tell(order) {
    this.dispatchEvent(new CustomEvent("change", { detail: { order } }));
  }
}

function open(stored) {
  const store = new StoreDouble();
  const server = { stored, calls: 0, down: false };
  const past = new PastOrders(store, async ({ cursor, limit }) => {
    server.calls += 1;
    if (server.down) throw new Error("away");
    const newest = server.stored.toSorted((one, other) => other.orderId - one.orderId);
    const from = Number(cursor ?? 0);
    const nextCursor = from + limit < newest.length ? String(from + limit) : null;
    return { orders: newest.slice(from, from + limit), nextCursor };
  });
  return { store, server, past };
}

const range = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, index) => orderOf(first + index));
const ids = (past) => past.rows.map(({ orderId }) => Number(orderId)).sort((a, b) => a - b);

test("an order that ends joins the rows, if it is one of those asked for", async () => {
  const { store, past } = open(range(1, 2));
  let changes = 0;
  await past.start(QUERY);
  past.addEventListener("change", () => {
    changes += 1;
  });
  store.tell(orderOf(3, { status: "submitted" }));
  store.tell(orderOf(4, { status: "cancelled" }));
  assert.deepEqual([ids(past), changes], [[1, 2], 0]);
  store.tell(orderOf(3));
  store.tell(orderOf(3, { amountOutUsd: "7" }));
  assert.deepEqual([ids(past), changes], [[1, 2, 3], 2]);
  assert.equal(past.rows.at(-1).amountOutUsd, "7");
});

test("an order older than the pages read so far comes with its page, once", async () => {
  const { store, server, past } = open(range(1, 600));
  await past.start(QUERY);
  assert.deepEqual([past.rows.length, past.ended], [500, false]);
  const late = orderOf(50.5);
  server.stored.push(late);
  store.tell(late);
  assert.equal(past.rows.length, 500);
  await past.more();
  store.tell(late);
  assert.deepEqual([past.rows.length, past.ended], [601, true]);
});

test("after an outage the rows are read again; a failure leaves them as they are", async () => {
  const { store, server, past } = open(range(1, 3));
  await past.start(QUERY);
  server.stored = range(2, 5);
  server.down = true;
  await past.refresh();
  assert.deepEqual(ids(past), [1, 2, 3]);
  server.down = false;
  const changed = new Promise((resolve) => past.addEventListener("change", resolve));
  store.dispatchEvent(new Event("stale"));
  await changed;
  await sleep(0);
  assert.deepEqual(ids(past), [2, 3, 4, 5]);
});

test("a list that could not be read is read once the service is back", async () => {
  const { server, past } = open(range(1, 3));
  server.down = true;
  await assert.rejects(past.start(QUERY));
  server.down = false;
  await past.refresh();
  assert.deepEqual([ids(past), past.ended], [[1, 2, 3], true]);
});

test("what was asked before is dropped, failed or not", async () => {
  const { server, past } = open(range(1, 3));
  server.down = true;
  const [first, second] = [past.start(QUERY), past.start({ status: "failed" })];
  assert.equal(await first, false);
  await assert.rejects(second);
  server.down = false;
  assert.equal(await past.start(QUERY), true);
  assert.deepEqual(ids(past), [1, 2, 3]);
});

test("rows that come live are bounded: then the oldest leave", async () => {
  const { store, server, past } = open(range(1, 500));
  await past.start(QUERY);
  const added = range(501, 1001);
  server.stored.push(...added);
  for (const order of added) store.tell(order);
  await sleep(0);
  await past.refresh();
  assert.deepEqual([past.rows.length, ids(past)[0], past.ended], [500, 502, false]);
});

test("an order matches a query as the API would say", () => {
  const order = orderOf(1);
  const whole = { ...QUERY, type: "market", tokenIn: "SOL", tokenOut: "USDC" };
  const days = { from: "2026-01-31T00:00:01.000Z", to: "2026-01-31T00:00:01.001Z" };
  assert.ok(matches(order, { ...whole, ...days }));
  assert.ok(matches(order, { ...QUERY, type: "", tokenIn: "", tokenOut: "", from: "", to: "" }));
  for (const other of [
    { status: "failed" },
    { type: "limit" },
    { tokenIn: "USDC" },
    { tokenOut: "SOL" },
    { from: "2026-01-31T00:00:01.001Z" },
    { to: "2026-01-31T00:00:01.000Z" },
  ])
    assert.ok(!matches(order, { ...whole, ...other }), JSON.stringify(other));
});
