/** The fills that the chart marks, also those that no list has loaded. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentFills } from "../../static/js/market/recent-fills.js";
import { OrderStore } from "../../static/js/orders/order-store.js";
import { ApiDouble, historyOf, LiveDouble, recordOf } from "./live-double.js";

const PAIR = { tokenIn: "SOL", tokenOut: "USDC" };
const OTHER = { tokenIn: "USDC", tokenOut: "JUP" };

/** Answers with one fill for each question, named after it. */
class FillsDouble {
  asked = [];
  whose = "anonymous";
  fails = false;
  scope = () => this.whose;

  listOrders = async ({ status, tokenIn, tokenOut }) => {
    if (this.fails) throw new Error("unreachable");
    this.asked.push(`${status} ${tokenIn} ${tokenOut}`);
    return { orders: [recordOf(historyOf(`${tokenIn} ${tokenOut} ${this.asked.length}`, 5))] };
  };
}

function setUp() {
  const live = new LiveDouble();
  const store = new OrderStore(live, new ApiDouble());
  const api = new FillsDouble();
  return { live, store, api, fills: new RecentFills(store, live, api) };
}

const known = (store) => [...store.all()].map(({ orderId }) => orderId);

test("the fills of the pair are read once, in both directions", async () => {
  const { store, api, fills } = setUp();
  await fills.follow(PAIR);
  await fills.follow({ tokenIn: "USDC", tokenOut: "SOL" });
  assert.deepEqual(api.asked, ["confirmed SOL USDC", "confirmed USDC SOL"]);
  assert.deepEqual(known(store), ["SOL USDC 1", "USDC SOL 2"]);
  await fills.follow(OTHER);
  assert.equal(api.asked.length, 4);
});

test("each connection reads what was filled while there was none", async () => {
  const { live, store, api, fills } = setUp();
  await fills.follow(PAIR);
  live.connect();
  await new Promise(setImmediate);
  assert.equal(api.asked.length, 4);
  assert.ok(known(store).includes("SOL USDC 3"));
});

test("what could not be read is read when the pair is shown again", async () => {
  const { store, api, fills } = setUp();
  api.fails = true;
  await fills.follow(PAIR);
  assert.deepEqual(known(store), []);
  api.fails = false;
  await fills.follow(PAIR);
  assert.equal(known(store).length, 2);
});

test("an answer for an account that has logged out meanwhile is dropped", async () => {
  const { store, api, fills } = setUp();
  api.whose = "ada";
  const reading = fills.follow(PAIR);
  api.whose = "anonymous";
  await reading;
  assert.deepEqual(known(store), []);
});
