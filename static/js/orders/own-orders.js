/** Which orders were placed from this browser: only they get toasts and are read out. */

import { readStored, writeStored } from "../lib/stored-json.js";

const KEY = "orders.own";
const MAX_IDS = 200;

let ids = null;

export function isOwn(orderId) {
  ids ??= readAndFollow();
  return ids.has(orderId);
}

export function remember(orderId) {
  ids = new Set([...readStored(KEY, []), orderId].slice(-MAX_IDS));
  writeStored(KEY, [...ids]);
}

/** The stored ids; from now on also those that other tabs add. */
function readAndFollow() {
  addEventListener("storage", ({ key }) => {
    if (key === KEY) ids = new Set(readStored(KEY, []));
  });
  return new Set(readStored(KEY, []));
}
