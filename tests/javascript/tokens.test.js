/** Tokens by symbol and by mint. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addTokenOptions,
  addTokens,
  allTokens,
  findToken,
  tokenName,
} from "../../static/js/market/tokens.js";

const MINT = "Bonk1111111111111111111111111111111111111111";
addTokens([{ symbol: "BonK", mint: MINT, decimals: 5, launched: true }]);

test("a token is found by its symbol in any case and by its mint", () => {
  assert.equal(findToken("bonk").decimals, 5);
  assert.equal(findToken(MINT).symbol, "BonK");
  assert.equal(findToken("NONE"), undefined);
});

test("a token is called by its symbol, an unlisted mint by its ends", () => {
  assert.equal(tokenName(MINT), "BonK");
  assert.equal(tokenName("Zzzz1111111111111111111111111111111111YYYY"), "Zzzz…YYYY");
});

test("the page's own options make tokens known before the server is asked", () => {
  const option = { value: "JTO", label: "Jito", dataset: { decimals: "9", mint: "jto1" } };
  addTokenOptions({ options: [option] });
  const jito = { symbol: "JTO", name: "Jito", mint: "jto1", decimals: 9, launched: true };
  assert.deepEqual(findToken("jto"), jito);
  assert.deepEqual(findToken("jto1"), jito);
});

test("what is told of a token later joins what was known", () => {
  addTokens([{ symbol: "JTO", mint: "jto1", priceUsd: "2" }]);
  assert.equal(findToken("JTO").name, "Jito");
  assert.equal(findToken("JTO").priceUsd, "2");
  assert.ok(allTokens().includes(findToken("jto1")));
});
