/** JSON that the browser keeps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readStored, writeStored } from "../../static/js/lib/stored-json.js";
import { MemoryStorage } from "./memory-storage.js";

test("what was written is read", () => {
  const storage = new MemoryStorage();
  writeStored("key", [{ at: 1 }], storage);
  assert.deepEqual(readStored("key", [], storage), [{ at: 1 }]);
});

test("nothing, null and rubbish read as the fallback", () => {
  const storage = new MemoryStorage();
  assert.deepEqual(readStored("none", [], storage), []);
  for (const text of ["null", "{broken"]) {
    storage.setItem("key", text);
    assert.deepEqual(readStored("key", [], storage), []);
  }
});

test("a browser that forbids storage reads as the fallback", () => {
  const forbidden = {
    getItem() {
      throw new Error("SecurityError");
    },
  };
  assert.equal(readStored("key", null, forbidden), null);
});
