/** Who is logged in: a bearer token and its account, kept in this browser. */

import { REQUIRE_AUTH } from "./page-settings.js";
import { readStored, writeStored } from "./stored-json.js";

const KEY = "orders.session";
const listeners = new Set();

export function account() {
  const stored = readStored(KEY, null);
  return stored?.token ? stored : null;
}

/** Whether the server has ended the session, and the user has not said yet how to go on. */
export function sessionHasEnded() {
  return readStored(KEY, null)?.ended === true;
}

export function token() {
  return account()?.token ?? null;
}

/** Whether orders can be seen and placed now: logged in, or anonymous where that is allowed. */
export function mayTrade() {
  return account() !== null || !(REQUIRE_AUTH || sessionHasEnded());
}

/** Whose orders these are: the account's id, "anonymous", or "nobody" once a session has ended. */
export function scope() {
  return account()?.user.id ?? (sessionHasEnded() ? "nobody" : "anonymous");
}

export function logIn({ token: bearer, user }) {
  writeStored(KEY, { token: bearer, user: { id: user.id, email: user.email } });
  notify();
}

/** Goes on without an account, as the user wished. */
export function logOut() {
  localStorage.removeItem(KEY);
  notify();
}

/** Notes that the server takes the token no more. Nothing goes on anonymously by itself. */
export function noteSessionEnd() {
  writeStored(KEY, { ended: true });
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
