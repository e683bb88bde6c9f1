/** Requests to the HTTP API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem, query, request } from "../../static/js/lib/api.js";
import {
  account,
  logIn,
  logOut,
  mayTrade,
  scope,
  sessionHasEnded,
} from "../../static/js/lib/session.js";
import { MemoryStorage } from "./memory-storage.js";

test("parameters that are not set are left out of the query", () => {
  const parameters = { status: "open,pending", type: "", cursor: null, pair: undefined, limit: 0 };
  assert.equal(query(parameters), "status=open%2Cpending&limit=0");
});

test("only what may succeed later is worth sending again", () => {
  const retryable = (status) => new ApiProblem({ status }).retryable;
  for (const status of [0, 429, 500, 503]) assert.ok(retryable(status), status);
  for (const status of [400, 401, 404, 409, 422]) assert.ok(!retryable(status), status);
});

test("no answer at all has a code and a sentence too", () => {
  const problem = new ApiProblem({});
  assert.equal(problem.code, "unreachable");
  assert.equal(problem.message, "The server cannot be reached.");
  assert.deepEqual(problem.errors, {});
});

test("a refusal of an old token does not log out whoever has logged in meanwhile", async (t) => {
  globalThis.localStorage = new MemoryStorage();
  const user = { id: "1", email: "ada@example.org" };
  logIn({ token: "old", user });
  t.mock.method(globalThis, "fetch", async () => {
    logIn({ token: "new", user });
    return new Response("{}", { status: 401 });
  });
  await assert.rejects(request("/api/account"), ApiProblem);
  assert.equal(account().token, "new");
});

test("a refused token ends the session, and nothing is asked in nobody's name after it", async (t) => {
  globalThis.localStorage = new MemoryStorage();
  logIn({ token: "ended elsewhere", user: { id: "1", email: "ada@example.org" } });
  const fetched = t.mock.method(
    globalThis,
    "fetch",
    async () => new Response("{}", { status: 401 }),
  );
  const endedSession = { code: "session_ended", status: 401, retryable: false };
  await assert.rejects(request("/api/account"), endedSession);
  assert.deepEqual([account(), sessionHasEnded(), mayTrade()], [null, true, false]);
  assert.equal(scope(), "nobody");
  for (const path of [
    "/api/orders?limit=1",
    "/api/orders/execute",
    "/api/orders.csv",
    "/api/account",
  ])
    await assert.rejects(request(path), endedSession);
  assert.equal(fetched.mock.callCount(), 1);

  logOut(); // As somebody does who wishes to go on without an account.
  assert.deepEqual([sessionHasEnded(), mayTrade(), scope()], [false, true, "anonymous"]);
  t.mock.method(globalThis, "fetch", async () => new Response('{"orders": []}'));
  assert.deepEqual(await request("/api/orders"), { orders: [] });
});
