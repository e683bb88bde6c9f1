// Swaps 0.1 SOL for USDC with @jup-ag/api and @solana/web3.js.
//
//   npm install @jup-ag/api @solana/web3.js@1
//   node examples/bot.mjs
//
// JUPITER_URL, RPC_URL and WALLET (a file as solana-keygen writes it) choose where and with what:
// https://api.jup.ag and a mainnet RPC node trade real money with the same lines.
import { readFile } from "node:fs/promises";
import { Configuration, SwapApi } from "@jup-ag/api";
import { Connection, Keypair, LAMPORTS_PER_SOL, VersionedTransaction } from "@solana/web3.js";

const JUPITER_URL = process.env.JUPITER_URL ?? "http://127.0.0.1:5000";
const RPC_URL = process.env.RPC_URL ?? "http://127.0.0.1:5000/rpc";
const SOL = "So11111111111111111111111111111111111111112";
const USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";

const connection = new Connection(RPC_URL, "confirmed");
const jupiter = new SwapApi(new Configuration({ basePath: `${JUPITER_URL}/swap/v1` }));
const wallet = process.env.WALLET
  ? Keypair.fromSecretKey(Uint8Array.from(JSON.parse(await readFile(process.env.WALLET))))
  : await paperWallet();

const quoteResponse = await jupiter.quoteGet({
  inputMint: SOL,
  outputMint: USDC,
  amount: LAMPORTS_PER_SOL / 10,
  slippageBps: 100,
});
console.log(`0.1 SOL buys ${Number(quoteResponse.outAmount) / 1e6} USDC`);

const { swapTransaction, lastValidBlockHeight } = await jupiter.swapPost({
  swapRequest: { quoteResponse, userPublicKey: wallet.publicKey.toBase58() },
});
const transaction = VersionedTransaction.deserialize(Buffer.from(swapTransaction, "base64"));
transaction.sign([wallet]);
const signature = await connection.sendRawTransaction(transaction.serialize());
const { value } = await connection.confirmTransaction({
  signature,
  blockhash: transaction.message.recentBlockhash,
  lastValidBlockHeight,
});
if (value.err) throw new Error(`The swap failed: ${JSON.stringify(value.err)}`);
console.log(`Confirmed: ${signature}`);
process.exit(0);

/** A new wallet with paper money; mainnet has no airdrops. */
async function paperWallet() {
  const made = Keypair.generate();
  const dropped = await connection.requestAirdrop(made.publicKey, LAMPORTS_PER_SOL);
  await connection.confirmTransaction({
    signature: dropped,
    ...(await connection.getLatestBlockhash()),
  });
  return made;
}
