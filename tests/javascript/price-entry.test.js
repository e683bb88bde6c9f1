/** A limit or stop price as typed, picked and turned round. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { directionOf } from "../../static/js/lib/price-direction.js";
import { offsetPrice, PriceEntry, rounded } from "../../static/js/ticket/price-entry.js";

const SELLING = directionOf("SOL", "USDC", []);
const BUYING = directionOf("USDC", "SOL", []);
const TURNED = ["SOL/USDC"];
const BUYING_TURNED = directionOf("USDC", "SOL", TURNED);

function entry(direction, rounding = "up") {
  const made = new PriceEntry(rounding);
  made.turn(direction);
  return made;
}
const state = ({ typed, sent, touched }) => ({ typed, sent, touched });

test("what is typed is sent in the API's direction", () => {
  const price = entry(BUYING);
  price.type("160");
  assert.deepEqual(state(price), { typed: "160", sent: "0.00625", touched: true });
  price.type("much");
  assert.equal(price.sent, null);
});

test("flipping the pair keeps what the user typed, for the other side", () => {
  const price = entry(SELLING);
  price.type("160");
  price.turn(BUYING);
  assert.deepEqual(state(price), { typed: "160", sent: "0.00625", touched: true });
});

test("a price that was filled in is filled in anew for the other side", () => {
  const price = entry(SELLING);
  price.type("160", false);
  price.turn(BUYING);
  assert.deepEqual(state(price), { typed: "", sent: null, touched: false });
});

test("turning the direction round, and back, changes nothing of what is sent", () => {
  const price = entry(BUYING);
  price.type("150");
  const { sent } = price;
  price.turn(BUYING_TURNED);
  assert.deepEqual(state(price), { typed: "0.00666666667", sent, touched: true });
  price.turn(BUYING);
  assert.deepEqual(state(price), { typed: "150", sent, touched: true });
});

test("another pair starts anew, and so does the other side of a pair turned round meanwhile", () => {
  for (const other of [directionOf("WIF", "USDC", []), BUYING_TURNED]) {
    const price = entry(SELLING);
    price.type("150");
    price.turn(other);
    assert.deepEqual(state(price), { typed: "", sent: null, touched: false });
  }
});

test("a price of the API is sent exactly, however it is shown", () => {
  const price = entry(BUYING);
  price.set("0.00812345");
  assert.equal(price.sent, "0.00812345");
  assert.equal(price.typed, "123.100407");
  price.set("0.006666666666666667");
  assert.deepEqual([price.typed, price.sent], ["150", "0.006666666666666667"]);
});

test("prices beside the market are counted in the direction shown", () => {
  assert.equal(offsetPrice(160, 0, SELLING), "160");
  assert.equal(offsetPrice("160.123456", -5, SELLING), "152.117");
  assert.equal(offsetPrice(0.00625, 5, BUYING), "168");
  assert.equal(rounded(1234567.89), "1234570");
  assert.equal(rounded("0.0000192345678"), "0.0000192346");
});
