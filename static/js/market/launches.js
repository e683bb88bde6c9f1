/** Scheduled token launches. */

import { readLaunches } from "../lib/api.js";
import { duration } from "../lib/format.js";
import { refreshTokens } from "./tokens.js";

const SHOWN = 4;
const RECENT_MS = 120_000;
const PRACTICE_DELAY_MS = 30_000;
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

let launches = [];

/** Reads the launches, and the tokens they add. */
export async function refreshLaunches() {
  const [answer] = await Promise.all([readLaunches(), refreshTokens()]);
  setLaunches(answer.launches);
}

/** Replaces all launches: [{symbol, mint, liveAt, liquidityUsd}], the next ones last. */
export function setLaunches(next) {
  launches = next;
}

/** The launch of this symbol or mint, or undefined. */
export function findLaunch(symbolOrMint) {
  return launches.find(({ symbol, mint }) => mint === symbolOrMint || symbol === symbolOrMint);
}

/** The launches worth offering: still to come, or open for no more than two minutes. */
export function currentLaunches(now) {
  return launches.filter(({ liveAt }) => Date.parse(liveAt) > now - RECENT_MS).slice(-SHOWN);
}

/** "opens in 25 s" or "open". */
export function opening({ liveAt }, now = Date.now()) {
  const left = Date.parse(liveAt) - now;
  return left > 0 ? `opens in ${duration(Math.max(1000, left))}` : "open";
}

/** A launch of a made-up token, half a minute from now, to try a sniper order with. */
export function practiceLaunch(now = Date.now()) {
  const [number] = crypto.getRandomValues(new Uint16Array(1));
  return {
    symbol: `NOVA${number}`,
    mint: base58(randomAddress()),
    priceUsd: "0.05",
    liquidityUsd: "250000",
    liveAt: new Date(now + PRACTICE_DELAY_MS).toISOString(),
  };
}

/** 32 bytes that nobody else uses. The first is not zero, so that its base58 needs no padding. */
function randomAddress() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  bytes[0] |= 0x80;
  return bytes;
}

/** Bytes in base58, as Solana writes addresses. The first byte must not be zero. */
export function base58(bytes) {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return text;
}
