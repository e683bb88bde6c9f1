/** What a missing quote means for the ticket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { quoteObstacle } from "../../static/js/ticket/quote-feed.js";

const problem = (code) => ({ state: "problem", problem: { code } });

test("a market order that would fail for want of a pool is not offered", () => {
  const market = { type: "market" };
  assert.deepEqual(quoteObstacle(market, problem("insufficient_liquidity")), {
    field: "amount-in",
    button: "Too much for the pools",
  });
  assert.equal(quoteObstacle(market, problem("pool_not_found")).button, "Not traded yet");
  // The next quote may come; a resting order may wait for a deeper pool.
  assert.equal(quoteObstacle(market, problem("venue_timeout")), null);
  assert.equal(quoteObstacle({ type: "limit" }, problem("insufficient_liquidity")), null);
  assert.equal(quoteObstacle(market, { state: "fresh", problem: null }), null);
});
