/** Requests to the HTTP API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem, query, request } from "../../static/js/lib/api.js";
import { account, logIn } from "../../static/js/lib/session.js";
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
