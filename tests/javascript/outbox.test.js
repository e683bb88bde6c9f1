/** An order leaves the browser once, whatever happens to the answer, the page or the log-in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem } from "../../static/js/lib/api.js";
import { Outbox } from "../../static/js/orders/outbox.js";
import { MemoryStorage } from "./memory-storage.js";

const ORDER = { type: "market", tokenIn: "SOL", tokenOut: "USDC", amountIn: "1.5" };
const LOST = new ApiProblem({});
const BUSY = new ApiProblem({ status: 429, code: "rate_limited", detail: "Slow.", retryAfterS: 7 });
const REFUSED = new ApiProblem({
  status: 422,
  code: "validation_failed",
  detail: "No such token.",
});
const MINUTE_MS = 60_000;

/** A browser in which `answers` come one after the other; the last one stays. */
class Browser {
  storage = new MemoryStorage();
  account = "anonymous";
  sent = [];
  own = [];
  waits = [];
  told = [];
  whileWaiting = () => undefined;

  constructor(...answers) {
    this.answers = answers;
  }

  openPage() {
    const outbox = new Outbox({
      storage: this.storage,
      scope: () => this.account,
      remember: (orderId) => this.own.push(orderId),
      placeOrder: async (order, key) => {
        this.sent.push({ order, key, stored: this.stored });
        const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        if (answer instanceof Error) throw answer;
        return { orderId: answer };
      },
      wait: async (ms) => {
        this.waits.push(ms);
        await this.whileWaiting();
      },
    });
    for (const name of ["placed", "refused", "unclear"]) {
      outbox.addEventListener(name, ({ detail }) => this.told.push([name, detail]));
    }
    return outbox;
  }

  get stored() {
    return JSON.parse(this.storage.getItem("orders.outbox") ?? "[]");
  }

  /** Stores an order as an earlier page left it, `ageMs` ago. */
  leave(ageMs, account = "anonymous") {
    const entry = { key: "key-1", order: ORDER, scope: account, at: Date.now() - ageMs };
    this.storage.setItem("orders.outbox", JSON.stringify([entry]));
  }
}

const settle = () => sleep(0);

test("an order is stored with its key before it is sent, until it is answered", async () => {
  const browser = new Browser("id-1");
  const outbox = browser.openPage();
  await outbox.submit(ORDER);
  const [{ order, key, stored }] = browser.sent;
  assert.deepEqual(order, ORDER);
  assert.equal(stored[0].key, key);
  assert.deepEqual(browser.stored, []);
  assert.deepEqual(browser.own, ["id-1"]);
  assert.deepEqual(browser.told, [["placed", { orderId: "id-1", order: ORDER }]]);
  assert.deepEqual(outbox.sending, []);
});

test("two orders have two keys", async () => {
  const browser = new Browser("id-1");
  const outbox = browser.openPage();
  await Promise.all([outbox.submit(ORDER), outbox.submit(ORDER)]);
  assert.notEqual(browser.sent[0].key, browser.sent[1].key);
});

test("a lost answer sends the same order again under the same key", async () => {
  const browser = new Browser(LOST, LOST, "id-1");
  await browser.openPage().submit(ORDER);
  assert.equal(browser.sent.length, 3);
  assert.equal(new Set(browser.sent.map(({ key }) => key)).size, 1);
  assert.equal(browser.told.length, 1);
});

test("waits double up to a bound, and are as long as the server asks", async () => {
  const browser = new Browser(LOST, LOST, LOST, LOST, LOST, LOST, "id-1");
  await browser.openPage().submit(ORDER);
  assert.deepEqual(browser.waits, [1000, 2000, 4000, 8000, 15_000, 15_000]);
  const busy = new Browser(BUSY, "id-1");
  await busy.openPage().submit(ORDER);
  assert.deepEqual(busy.waits, [7000]);
});

test("a refusal is told and nothing is sent again", async () => {
  const browser = new Browser(REFUSED);
  await browser.openPage().submit(ORDER);
  assert.equal(browser.sent.length, 1);
  assert.deepEqual(browser.told, [["refused", { order: ORDER, problem: REFUSED }]]);
  assert.deepEqual(browser.stored, []);
});

test("what is being sent carries a note on how it goes", async () => {
  const browser = new Browser(LOST, "id-1");
  const outbox = browser.openPage();
  const notes = [];
  outbox.addEventListener("change", () => notes.push(outbox.sending.map(({ note }) => note)));
  await outbox.submit(ORDER);
  assert.deepEqual(notes, [["Sending"], ["The server cannot be reached."], ["Sending"], []]);
});

test("a reload sends what was left without an answer, under its key", async () => {
  const browser = new Browser("id-1");
  browser.leave(MINUTE_MS);
  browser.openPage().resume();
  await settle();
  assert.equal(browser.sent[0].key, "key-1");
  assert.equal(browser.told[0][0], "placed");
});

test("resuming while an order is being sent does not send it twice", async () => {
  const browser = new Browser("id-1");
  const outbox = browser.openPage();
  const done = outbox.submit(ORDER);
  outbox.resume();
  await done;
  assert.equal(browser.sent.length, 1);
});

test("an order whose key the server may have forgotten is not sent again", async () => {
  const browser = new Browser("id-1");
  browser.leave(5 * MINUTE_MS);
  browser.openPage().resume();
  await settle();
  assert.equal(browser.sent.length, 0);
  assert.deepEqual(browser.told, [["unclear", { order: ORDER }]]);
  assert.deepEqual(browser.stored, []);
});

test("sending gives up when the key gets too old", async (t) => {
  const browser = new Browser(LOST);
  t.mock.timers.enable({ apis: ["Date"] });
  browser.whileWaiting = () => t.mock.timers.tick(MINUTE_MS);
  await browser.openPage().submit(ORDER);
  assert.equal(browser.told[0][0], "unclear");
  assert.equal(browser.sent.length, 6);
});

test("an order is never sent under another account", async () => {
  const browser = new Browser("id-1");
  browser.leave(MINUTE_MS, "alice");
  browser.account = "bob";
  const outbox = browser.openPage();
  outbox.resume();
  await settle();
  assert.equal(browser.sent.length, 0);
  browser.account = "alice";
  outbox.resume();
  await settle();
  assert.equal(browser.sent.length, 1);
});

test("logging out between two tries keeps the order for its own account", async () => {
  const browser = new Browser(LOST, "id-1");
  browser.account = "alice";
  browser.whileWaiting = () => {
    browser.account = "anonymous";
  };
  const outbox = browser.openPage();
  await outbox.submit(ORDER);
  assert.equal(browser.sent.length, 1);
  assert.deepEqual(outbox.sending, []);
  browser.account = "alice";
  outbox.resume();
  await settle();
  assert.equal(browser.sent.length, 2);
  assert.equal(browser.sent[0].key, browser.sent[1].key);
});

/** An outbox whose only order waits for its next try until it is woken. */
async function waiting(problem, ...answers) {
  const browser = new Browser(problem, ...answers);
  browser.whileWaiting = () => new Promise(() => undefined);
  const outbox = browser.openPage();
  outbox.addEventListener("waiting", ({ detail }) => browser.told.push(["waiting", detail]));
  const done = outbox.submit(ORDER);
  await settle();
  return { browser, outbox, done };
}

test("an order that waits is told, with when it is tried again", async () => {
  const { browser, outbox } = await waiting(BUSY);
  assert.deepEqual(browser.told, [["waiting", { order: ORDER, problem: BUSY }]]);
  const [{ note, nextAt }] = outbox.sending;
  assert.equal(note, "Too many orders in a short time.");
  assert.ok(Math.abs(nextAt - Date.now() - 7000) < 1000);
});

test("an order that waits is sent at once where that is asked for", async () => {
  const { browser, outbox, done } = await waiting(LOST, "id-1");
  outbox.sendNow();
  await done;
  assert.equal(browser.sent.length, 2);
  assert.equal(browser.told.at(-1)[0], "placed");
});

test("a discarded order is never sent again", async () => {
  const { browser, outbox, done } = await waiting(BUSY, "id-1");
  outbox.discard(outbox.sending[0].entry.key);
  await done;
  assert.equal(browser.sent.length, 1);
  assert.deepEqual(browser.stored, []);
  assert.deepEqual(outbox.sending, []);
  assert.equal(browser.told.length, 1, "a refused order is not at the server");
});

test("discarding an order without an answer tells that it may be there", async () => {
  const { browser, outbox, done } = await waiting(LOST);
  outbox.discard(outbox.sending[0].entry.key);
  await done;
  assert.deepEqual(browser.told.at(-1), ["unclear", { order: ORDER }]);
});
