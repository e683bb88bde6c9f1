import assert from "node:assert/strict";
import test from "node:test";

import { encodeBase58 } from "../../static/js/connect/base58.js";
import { createKeypair } from "../../static/js/connect/keypair.js";

test("bytes are written as Solana writes addresses", () => {
  assert.equal(encodeBase58(new Uint8Array(32)), "1".repeat(32));
  assert.equal(encodeBase58(Uint8Array.from([0, 0, 1])), "112");
  assert.equal(encodeBase58(new TextEncoder().encode("hello world")), "StV1DL6CwTryKyV");
  assert.equal(encodeBase58(new Uint8Array()), "");
});

test("a new keypair's secret ends with its public key", async () => {
  const { address, secretKey } = await createKeypair();
  assert.equal(secretKey.length, 64);
  assert.equal(encodeBase58(Uint8Array.from(secretKey.slice(32))), address);
});
