/** The name of the live connection's state. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionState } from "../../static/js/lib/connection-state.js";

const NOW = 1_000_000;
const LIVE = {
  online: true,
  allowed: true,
  connected: true,
  everConnected: true,
  heardAt: NOW - 1000,
  lostAt: NOW - 60_000,
};
const stateOf = (change) => connectionState({ ...LIVE, ...change }, NOW);

test("a connection that was heard of is connected", () => {
  assert.equal(stateOf({}), "connected");
});

test("a connection silent for more than the server's pings is stale", () => {
  assert.equal(stateOf({ heardAt: NOW - 40_000 }), "connected");
  assert.equal(stateOf({ heardAt: NOW - 40_001 }), "stale");
});

test("a lost connection reconnects and is stale after a while", () => {
  assert.equal(stateOf({ connected: false, lostAt: NOW - 15_000 }), "reconnecting");
  assert.equal(stateOf({ connected: false, lostAt: NOW - 15_001 }), "stale");
});

test("the first connection is not called a reconnection", () => {
  assert.equal(stateOf({ connected: false, everConnected: false, lostAt: NOW - 10 }), "connecting");
});

test("being offline comes before all, then being logged out", () => {
  assert.equal(stateOf({ online: false, allowed: false }), "offline");
  assert.equal(stateOf({ allowed: false, connected: false }), "closed");
});
