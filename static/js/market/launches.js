/** Scheduled token launches. */

import { readLaunches } from "../lib/api.js";
import { duration } from "../lib/format.js";
import { readStored, writeStored } from "../lib/stored-json.js";
import { addTokens } from "./tokens.js";

const SHOWN = 4;
const READ = 20;
const OWN_KEY = "orders.launches";
const MAX_OWN = 20;
const RECENT_MS = 120_000;
const PRACTICE_DELAY_MS = 30_000;
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

let launches = [];
const found = new Map(); // mint -> launch, of all searches
let own = [];

/** Reads the launches that are next to open or have just opened. */
export async function refreshLaunches() {
  own = readStored(OWN_KEY, []);
  setLaunches((await readLaunches({ limit: READ })).launches);
}

/** The launches whose symbol holds `text`, or whose mint begins with it, however old. */
export async function searchLaunches(text) {
  const answer = await readLaunches({ q: text, limit: SHOWN });
  for (const launch of answer.launches) found.set(launch.mint, launch);
  addTokens(answer.launches);
  return answer.launches;
}

/** Replaces all launches but this browser's own: [{symbol, mint, liveAt, liquidityUsd}]. */
export function setLaunches(next) {
  launches = next;
  addTokens([...next, ...own]);
}

/** Takes in a launch that was scheduled from this browser: many of others do not hide it. */
export function addOwnLaunch(launch, storage = null) {
  own = [...readStored(OWN_KEY, [], storage), launch].slice(-MAX_OWN);
  writeStored(OWN_KEY, own, storage);
  addTokens([launch]);
}

/** The launch of this symbol or mint, or undefined. */
export function findLaunch(symbolOrMint) {
  return all().find(({ symbol, mint }) => mint === symbolOrMint || symbol === symbolOrMint);
}

/**
 * The launches worth offering: the next to open first, then those open for no more than two
 * minutes. Own ones are always among them.
 */
export function currentLaunches(now) {
  const current = all().filter(({ liveAt }) => Date.parse(liveAt) > now - RECENT_MS);
  const next = current.sort((one, other) => nextFirst(one, other, now));
  const ownMints = new Set(own.map(({ mint }) => mint));
  const mine = next.filter(({ mint }) => ownMints.has(mint)).slice(0, SHOWN);
  const others = next.filter(({ mint }) => !ownMints.has(mint)).slice(0, SHOWN - mine.length);
  return next.filter((launch) => mine.includes(launch) || others.includes(launch));
}

function all() {
  const byMint = new Map(found);
  for (const launch of [...own, ...launches]) byMint.set(launch.mint, launch);
  return [...byMint.values()];
}

function nextFirst(one, other, now) {
  const [a, b] = [Date.parse(one.liveAt), Date.parse(other.liveAt)];
  if (a > now !== b > now) return a > now ? -1 : 1;
  return a > now ? a - b : b - a;
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
