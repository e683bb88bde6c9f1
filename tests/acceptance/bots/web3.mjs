// @jup-ag/api with @solana/web3.js 1 and @solana/spl-token: quote, swap, sign, simulate, send,
// confirm by WebSocket and by polling, read back. Usage: node web3.mjs http://127.0.0.1:5000
import assert from "node:assert/strict";
import { Configuration, SwapApi } from "@jup-ag/api";
import {
  closeAccount,
  getAccount,
  getAssociatedTokenAddressSync,
  getMint,
  getOrCreateAssociatedTokenAccount,
  NATIVE_MINT,
} from "@solana/spl-token";
import {
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  PublicKey,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  VersionedTransaction,
} from "@solana/web3.js";

const base = process.argv[2];
const SOL = "So11111111111111111111111111111111111111112";
const USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
const TOKEN_PROGRAM = new PublicKey("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");

const connection = new Connection(`${base}/rpc`, "confirmed");
const jupiter = new SwapApi(new Configuration({ basePath: `${base}/swap/v1` }));
const wallet = Keypair.generate();
const tracking = Keypair.generate().publicKey;

const airdrop = await connection.requestAirdrop(wallet.publicKey, 5 * LAMPORTS_PER_SOL);
await connection.confirmTransaction({
  signature: airdrop,
  ...(await connection.getLatestBlockhash()),
});
assert.equal(await connection.getBalance(wallet.publicKey), 5 * LAMPORTS_PER_SOL);

async function swapTransaction(amount, inputMint = SOL, outputMint = USDC) {
  const quoteResponse = await jupiter.quoteGet({ inputMint, outputMint, amount, slippageBps: 100 });
  const priorityLevelWithMaxLamports = { priorityLevel: "veryHigh", maxLamports: 9_000 };
  const answer = await jupiter.swapPost({
    swapRequest: {
      quoteResponse,
      userPublicKey: wallet.publicKey.toBase58(),
      prioritizationFeeLamports: { priorityLevelWithMaxLamports },
      blockhashSlotsToExpiry: 120,
      trackingAccount: tracking.toBase58(),
    },
  });
  assert.equal(answer.prioritizationFeeLamports, 9_000);
  const transaction = VersionedTransaction.deserialize(
    Buffer.from(answer.swapTransaction, "base64"),
  );
  transaction.sign([wallet]);
  return { quoteResponse, transaction, lastValidBlockHeight: answer.lastValidBlockHeight };
}

// Confirmed over the WebSocket, which web3.js looks for at the next port.
const { quoteResponse, transaction, lastValidBlockHeight } =
  await swapTransaction(LAMPORTS_PER_SOL);
const simulated = await connection.simulateTransaction(transaction, { sigVerify: true });
assert.equal(simulated.value.err, null);
assert.ok(simulated.value.logs.length > 0);
const signature = await connection.sendRawTransaction(transaction.serialize());
const confirmed = await connection.confirmTransaction({
  signature,
  blockhash: transaction.message.recentBlockhash,
  lastValidBlockHeight,
});
assert.equal(confirmed.value.err, null);
const [tracked] = await connection.getSignaturesForAddress(tracking);
assert.equal(tracked.signature, signature);

const ata = getAssociatedTokenAddressSync(new PublicKey(USDC), wallet.publicKey);
const account = await getAccount(connection, ata);
assert.ok(account.amount >= BigInt(quoteResponse.otherAmountThreshold));
assert.equal((await getMint(connection, new PublicKey(USDC))).decimals, 6);
const parsed = await connection.getParsedTokenAccountsByOwner(wallet.publicKey, {
  programId: TOKEN_PROGRAM,
});
assert.equal(parsed.value.length, 1);
assert.equal(
  parsed.value[0].account.data.parsed.info.tokenAmount.amount,
  account.amount.toString(),
);
assert.equal(
  (await connection.getTokenAccountBalance(ata)).value.amount,
  account.amount.toString(),
);
assert.equal(await connection.getBalance(wallet.publicKey), 4 * LAMPORTS_PER_SOL);

const landed = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
assert.equal(landed.meta.err, null);
assert.equal(landed.meta.postTokenBalances[0].uiTokenAmount.amount, account.amount.toString());
assert.equal(landed.meta.preBalances[0] - landed.meta.postBalances[0], LAMPORTS_PER_SOL);
assert.equal(landed.transaction.signatures[0], signature);
const readable = await connection.getParsedTransaction(signature, {
  maxSupportedTransactionVersion: 0,
});
assert.ok(readable.transaction.message.accountKeys[0].signer);
const listed = await connection.getSignaturesForAddress(wallet.publicKey);
assert.deepEqual(
  listed.map((each) => each.signature),
  [signature, airdrop],
);

// Sent again, it is refused: one swap.
await assert.rejects(
  connection.sendRawTransaction(transaction.serialize()),
  /already been processed/,
);
assert.equal(await connection.getBalance(wallet.publicKey), 4 * LAMPORTS_PER_SOL);

// Confirmed by polling.
const back = await swapTransaction(Number(account.amount), USDC, SOL);
const second = await connection.sendRawTransaction(back.transaction.serialize(), {
  skipPreflight: true,
});
let status = null;
while (status?.confirmationStatus !== "confirmed" && status?.confirmationStatus !== "finalized") {
  status = (await connection.getSignatureStatuses([second])).value[0];
  await new Promise((resolve) => setTimeout(resolve, 100));
}
assert.equal(status.err, null);
assert.equal((await getAccount(connection, ata)).amount, 0n);

// A message that was changed after it was signed is refused, and so is a stranger's program.
const tampered = (await swapTransaction(1_000_000)).transaction.serialize();
tampered[tampered.length - 20] ^= 1;
await assert.rejects(connection.sendRawTransaction(tampered));
const foreign = new Transaction().add({
  keys: [],
  programId: Keypair.generate().publicKey,
  data: Buffer.from("x"),
});
await assert.rejects(
  sendAndConfirmTransaction(connection, foreign, [wallet]),
  /program that does not exist/,
);

// More than there is.
const tooMuch = await swapTransaction(100 * LAMPORTS_PER_SOL);
await assert.rejects(connection.sendRawTransaction(tooMuch.transaction.serialize()), /0x1/);

// A plain transfer, as a legacy transaction.
const friend = Keypair.generate().publicKey;
const transfer = new Transaction().add(
  SystemProgram.transfer({ fromPubkey: wallet.publicKey, toPubkey: friend, lamports: 12345 }),
);
await sendAndConfirmTransaction(connection, transfer, [wallet]);
assert.equal(await connection.getBalance(friend), 12345);

// A deposit watcher finds it, with the balances of both ends.
const [deposit] = await connection.getSignaturesForAddress(friend, {}, "confirmed");
const { meta, transaction: told } = await connection.getParsedTransaction(deposit.signature, {
  maxSupportedTransactionVersion: 0,
});
const at = told.message.accountKeys.findIndex(({ pubkey }) => pubkey.equals(friend));
assert.deepEqual([meta.preBalances[at], meta.postBalances[at]], [0, 12345]);
assert.equal(told.message.instructions[0].parsed.info.lamports, 12345);

// Wrapped SOL can be read while its account exists.
const wrapped = await getOrCreateAssociatedTokenAccount(
  connection,
  wallet,
  NATIVE_MINT,
  wallet.publicKey,
);
assert.ok(wrapped.isNative);
assert.ok(wrapped.amount > 0n);
await closeAccount(connection, wallet, wrapped.address, wallet.publicKey, wallet);
assert.equal(await connection.getAccountInfo(wrapped.address), null);

console.log(JSON.stringify({ signature, second }));
process.exit(0);
