// @solana/kit on the transaction of /swap/v2/order. Usage: node kit.mjs http://127.0.0.1:5000
import assert from "node:assert/strict";
import {
  address,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  generateKeyPairSigner,
  getBase64Encoder,
  getSignatureFromTransaction,
  getTransactionDecoder,
  lamports,
  sendAndConfirmTransactionFactory,
  signTransaction,
} from "@solana/kit";

const base = process.argv[2];
const SOL = "So11111111111111111111111111111111111111112";
const USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";

const rpc = createSolanaRpc(`${base}/rpc`);
const rpcSubscriptions = createSolanaRpcSubscriptions(`${base.replace("http", "ws")}/rpc`);
const signer = await generateKeyPairSigner();
await rpc.requestAirdrop(signer.address, lamports(3_000_000_000n)).send();
assert.equal((await rpc.getBalance(signer.address).send()).value, 3_000_000_000n);

const query = new URLSearchParams({
  inputMint: SOL,
  outputMint: USDC,
  amount: "1000000000",
  taker: signer.address,
});
const order = await (await fetch(`${base}/swap/v2/order?${query}`)).json();
const wire = getBase64Encoder().encode(order.transaction);
const signed = await signTransaction([signer.keyPair], getTransactionDecoder().decode(wire));
const { value: latest } = await rpc.getLatestBlockhash().send();
const sendable = {
  ...signed,
  lifetimeConstraint: { ...latest, lastValidBlockHeight: BigInt(order.lastValidBlockHeight) },
};
const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
await sendAndConfirm(sendable, { commitment: "confirmed" });

const { value: accounts } = await rpc
  .getTokenAccountsByOwner(signer.address, { mint: address(USDC) }, { encoding: "jsonParsed" })
  .send();
assert.equal(accounts.length, 1);
assert.ok(
  BigInt(accounts[0].account.data.parsed.info.tokenAmount.amount) >=
    BigInt(order.otherAmountThreshold),
);
assert.equal((await rpc.getBalance(signer.address).send()).value, 2_000_000_000n);
assert.equal((await rpc.getEpochInfo().send()).slotsInEpoch, 432_000n);

const abort = new AbortController();
const slots = await rpcSubscriptions.slotNotifications().subscribe({ abortSignal: abort.signal });
let last = 0n;
for await (const { slot } of slots) {
  assert.ok(slot > last);
  if (last && slot - last < 5n) break;
  last = slot;
}
abort.abort();
console.log(JSON.stringify({ signature: getSignatureFromTransaction(signed) }));
process.exit(0);
