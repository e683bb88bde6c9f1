/** Addresses that fill the ticket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addTokens } from "../../static/js/market/tokens.js";
import { readTicketLink, withoutTicket } from "../../static/js/ticket/ticket-link.js";

const MINT = "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG";
addTokens([
  { symbol: "SOL", mint: `${"S".repeat(43)}1`, decimals: 9 },
  { symbol: "USDC", mint: `${"U".repeat(43)}1`, decimals: 6 },
  { symbol: "WIF", mint: `${"W".repeat(43)}1`, decimals: 6 },
]);

test("every field of an order can stand in the address", () => {
  const search =
    "?type=limit&tokenIn=sol&tokenOut=USDC&amountIn=2&limitPrice=160.50&maxSlippageBps=50";
  assert.deepEqual(readTicketLink(search), {
    fields: {
      type: "limit",
      tokenIn: "SOL",
      tokenOut: "USDC",
      amountIn: "2",
      limitPrice: "160.5",
      maxSlippageBps: 50,
    },
    ignored: [],
  });
});

test("tokens may be named by mint, a sniper's by one that nobody knows", () => {
  const { fields } = readTicketLink(`?type=stop&tokenIn=${"W".repeat(43)}1&stopPrice=0.5`);
  assert.equal(fields.tokenIn, "WIF");
  const sniper = readTicketLink(`?type=sniper&tokenOut=${MINT}&minLiquidity=50000`);
  assert.deepEqual(sniper.fields, {
    type: "sniper",
    tokenIn: "SOL",
    tokenOut: MINT,
    minLiquidity: "50000",
  });
});

test("a sniper without a token leaves that open", () => {
  assert.deepEqual(readTicketLink("?type=sniper&tokenIn=USDC").fields, {
    type: "sniper",
    tokenIn: "USDC",
  });
});

test("bad values are left out and named", () => {
  const { fields, ignored } = readTicketLink(
    "?type=swap&tokenIn=NONE&tokenOut=WIF&amountIn=-1&limitPrice=5&maxSlippageBps=9999",
  );
  assert.deepEqual(fields, { type: "market", tokenIn: "SOL", tokenOut: "WIF" });
  assert.deepEqual(ignored, ["type", "tokenIn", "amountIn", "limitPrice", "maxSlippageBps"]);
});

test("one token cannot be both", () => {
  const { fields, ignored } = readTicketLink("?tokenIn=USDC&tokenOut=USDC");
  assert.deepEqual([fields.tokenIn, fields.tokenOut, ignored], ["USDC", "SOL", ["tokenOut"]]);
  const buying = readTicketLink("?tokenIn=USDC");
  assert.deepEqual([buying.fields.tokenOut, buying.ignored], ["SOL", []]);
});

test("an amount has no more decimals than its token", () => {
  assert.deepEqual(readTicketLink("?tokenIn=USDC&amountIn=0.0000001").ignored, ["amountIn"]);
});

test("other addresses ask for nothing, and those of the list least of all", () => {
  assert.equal(readTicketLink(""), null);
  assert.equal(readTicketLink("?utm=x"), null);
  assert.equal(readTicketLink("?view=resting&type=limit&tokenIn=SOL"), null);
});

test("an address that has filled the ticket forgets that", () => {
  const href = "http://localhost/?type=limit&amountIn=2&lang=en#orders";
  assert.equal(withoutTicket(href), "http://localhost/?lang=en#orders");
});
