/** Who is logged in: a bearer token and its account, kept in this browser. */

import { REQUIRE_AUTH } from "./page-settings.js";
import { readStored, writeStored } from "./stored-json.js";

const KEY = "orders.session";
const listeners = new Set();

export function account() {
  return readStored(KEY, null);
}

export function token() {
  return account()?.token ?? null;
}

/** Whether orders can be seen and placed now: logged in, or where anonymous access is on. */
export function mayTrade() {
  return !REQUIRE_AUTH || account() !== null;
}

/** Whose orders these are: the account's id, or "anonymous". */
export function scope() {
  return account()?.user.id ?? "anonymous";
}

export function logIn({ token: bearer, user }) {
  writeStored(KEY, { token: bearer, user: { id: user.id, email: user.email } });
  notify();
}

export function logOut() {
  localStorage.removeItem(KEY);
  notify();
}

/** Calls `listener` after every log-in and log-out, also of other tabs. */
export function onAccountChange(listener) {
  if (!listeners.size) addEventListener("storage", onStorage);
  listeners.add(listener);
}

function onStorage({ key }) {
  if (key === KEY || key === null) notify();
}

function notify() {
  for (const listener of listeners) listener();
}
