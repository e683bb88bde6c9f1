/** What happened to orders of which one cancels the others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { groupSentence, memberText, roleOf } from "../../static/js/orders/group-text.js";
import { OrderGroups, readGroup } from "../../static/js/orders/order-groups.js";

const SWAP = { tokenIn: "SOL", tokenOut: "USDC", ocoGroup: "g", createdAt: "2026-05-01T12:00:00Z" };
const LIMIT = { ...SWAP, orderId: "a", type: "limit", status: "open", limitPrice: "160" };
const STOP = { ...SWAP, orderId: "b", type: "stop", status: "open", stopPrice: "140" };
const told = (limit, stop) =>
  groupSentence([
    { ...LIMIT, ...limit },
    { ...STOP, ...stop },
  ]);
const BY_LIMIT = { status: "cancelled", cancelledBy: { reason: "oco_triggered", by: "a" } };

test("a limit and a stop of one swap are a take-profit and a stop-loss", () => {
  assert.equal(roleOf(LIMIT, [LIMIT, STOP]), "Take-profit");
  assert.equal(roleOf(STOP, [STOP, LIMIT]), "Stop-loss");
  assert.equal(roleOf(LIMIT, [LIMIT, { ...STOP, tokenOut: "JUP" }]), "Limit order");
  assert.equal(roleOf(LIMIT, [LIMIT, { ...LIMIT, orderId: "c" }]), "Limit order");
});

test("the group says what happened to each", () => {
  assert.equal(
    told({}, {}),
    "Take-profit at 160 USDC or stop-loss at 140 USDC: the first that triggers cancels the other",
  );
  assert.equal(
    told({ status: "confirmed" }, BY_LIMIT),
    "Take-profit filled, stop-loss cancelled by it",
  );
  assert.equal(
    told({ status: "routing" }, BY_LIMIT),
    "Take-profit triggered, stop-loss cancelled by it",
  );
  assert.equal(
    told({ status: "failed" }, BY_LIMIT),
    "Take-profit triggered and failed, stop-loss cancelled by it",
  );
});

test("what its owner cancelled is not put down to the other order", () => {
  assert.equal(
    told(
      { status: "confirmed" },
      { status: "cancelled", cancelledBy: { reason: "user", by: null } },
    ),
    "Take-profit filled, stop-loss cancelled",
  );
  assert.equal(told({ status: "cancelled" }, {}), "Take-profit cancelled, stop-loss still rests");
  assert.equal(
    told({ status: "expired" }, { status: "expired" }),
    "Take-profit expired, stop-loss expired",
  );
  assert.equal(groupSentence([LIMIT]), "No other order in its group");
  assert.equal(memberText(LIMIT, [LIMIT, STOP]), "still rests");
});

test("a group is read oldest first, or not at all", async () => {
  const list = async () => ({ orders: [{ ...STOP, createdAt: "2026-05-02" }, LIMIT] });
  const members = await readGroup("g", list);
  assert.deepEqual(
    members.map(({ orderId }) => orderId),
    ["a", "b"],
  );
  assert.equal(await readGroup("g", () => Promise.reject(new Error())), null);
});

test("the groups of a store ask once for what it lacks, and tell of each change", async () => {
  const store = new EventTarget();
  const orders = new Map();
  store.get = (id) => orders.get(id);
  store.put = (order) => {
    orders.set(order.orderId, order);
    store.dispatchEvent(new CustomEvent("change", { detail: { order } }));
  };
  let asked = 0;
  const groups = new OrderGroups(store, async () => {
    asked += 1;
    return { orders: [LIMIT, STOP] };
  });
  const seen = [];
  groups.addEventListener("change", ({ detail }) =>
    seen.push(detail.members.map(({ orderId }) => orderId).join("")),
  );
  store.put(LIMIT);
  store.put({ ...LIMIT, ocoGroup: null, orderId: "z" });
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(seen.slice(0, 1), ["a"]);
  assert.equal(seen.at(-1), "ab");
  assert.equal(asked, 1);
});
