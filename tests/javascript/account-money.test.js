/** What the page knows of the account's money, and when it asks again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountMoney } from "../../static/js/account/account-money.js";
import { LiveDouble } from "./live-double.js";

const answerOf = (available) => ({ balances: [{ token: "SOL", available }] });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Money whose readings give `amounts`, one after the other; the last one again and again. */
function moneyOf(amounts, loggedIn = true) {
  const live = new LiveDouble();
  const api = {
    calls: 0,
    readBalances: async () => answerOf(amounts[Math.min(api.calls++, amounts.length - 1)]),
  };
  return { live, api, money: new AccountMoney(live, api, () => loggedIn) };
}

test("nothing is known before the first reading", () => {
  assert.equal(moneyOf(["5"]).money.available("SOL"), null);
});

test("a connection subscribes to the account and reads its balances", async () => {
  const { live, money } = moneyOf(["5.000000001"]);
  live.connect();
  await settled();
  assert.deepEqual(live.asked, [["subscribe_account", { orders: false }]]);
  assert.equal(money.available("SOL"), "5.000000001");
  assert.equal(money.available("USDC"), "0");
});

test("a change of the money is read, and told", async () => {
  const { live, money } = moneyOf(["5", "3"]);
  await money.read();
  const told = [];
  money.addEventListener("change", () => told.push(money.available("SOL")));
  live.dispatchEvent(new Event("balance_update"));
  await settled();
  assert.deepEqual(told, ["3"]);
});

test("changes during a reading lead to one further reading", async () => {
  const { live, api, money } = moneyOf(["5", "4", "3"]);
  const first = money.read();
  for (let count = 0; count < 5; count += 1) live.dispatchEvent(new Event("balance_update"));
  await first;
  assert.equal(api.calls, 2);
  assert.equal(money.available("SOL"), "4");
});

test("a failed reading leaves what was known", async () => {
  const { api, money } = moneyOf(["5"]);
  await money.read();
  api.readBalances = () => Promise.reject(new Error("unreachable"));
  await money.read();
  assert.equal(money.available("SOL"), "5");
});

test("the anonymous have no wallet to ask for", async () => {
  const { live, api, money } = moneyOf(["5"], false);
  live.connect();
  await settled();
  assert.deepEqual(live.asked, []);
  assert.equal(api.calls, 0);
  assert.equal(money.available("SOL"), null);
});

test("another account's money is forgotten", async () => {
  const { money } = moneyOf(["5"]);
  await money.read();
  money.clear();
  assert.equal(money.available("SOL"), null);
});
