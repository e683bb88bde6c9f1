/** Reading a list page by page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderPages } from "../../static/js/orders/order-pages.js";

/** Pages over `count` orders, and the requests they made. */
function pagesOver(count) {
  const asked = [];
  const list = async (parameters) => {
    asked.push(parameters);
    const from = Number(parameters.cursor ?? 0);
    const until = Math.min(count, from + parameters.limit);
    const orders = Array.from({ length: until - from }, (_, index) => ({ orderId: from + index }));
    return { orders, nextCursor: until < count ? String(until) : null };
  };
  return { asked, pages: new OrderPages(["open", "pending"], { type: "limit" }, list) };
}

test("each call goes on where the last one ended", async () => {
  const { asked, pages } = pagesOver(60);
  assert.equal((await pages.more()).length, 25);
  assert.equal((await pages.more())[0].orderId, 25);
  assert.ok(!pages.ended);
  assert.equal((await pages.more()).length, 10);
  assert.ok(pages.ended);
  assert.deepEqual(await pages.more(), []);
  assert.equal(asked.length, 3);
  assert.deepEqual(asked[0], { type: "limit", status: "open,pending", cursor: null, limit: 25 });
});

test("many orders are read in pages of at most a hundred", async () => {
  const { asked, pages } = pagesOver(1000);
  assert.equal((await pages.more(250)).length, 250);
  assert.deepEqual(
    asked.map(({ limit }) => limit),
    [100, 100, 50],
  );
});

test("what failed is read again by the next call", async () => {
  let calls = 0;
  const pages = new OrderPages(["open"], {}, async ({ cursor }) => {
    calls += 1;
    if (calls === 2) throw new Error("unreachable");
    return { orders: [{ orderId: cursor }], nextCursor: "next" };
  });
  await assert.rejects(pages.more(2), /unreachable/);
  assert.deepEqual(await pages.more(2), [{ orderId: null }, { orderId: "next" }]);
});
