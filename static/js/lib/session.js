/** Who is logged in in this browser: a bearer token and the account it stands for. */

const KEY = "orders.session";
const listeners = new Set();

export function account() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function token() {
  return account()?.token ?? null;
}

const REQUIRED = document.documentElement.dataset.requireAuth === "true";

/** Whether orders can be seen and placed now: logged in, or where anonymous access is on. */
export function mayTrade() {
  return !REQUIRED || account() !== null;
}

/** Under this name things of the current account are kept in this browser. */
export function scope() {
  return account()?.user.id ?? "anonymous";
}

export function logIn({ token: bearer, user }) {
  localStorage.setItem(
    KEY,
    JSON.stringify({ token: bearer, user: { id: user.id, email: user.email } }),
  );
  tell();
}

export function logOut() {
  localStorage.removeItem(KEY);
  tell();
}

/** Calls `listener` after every log-in and log-out, those in other tabs included. */
export function onAccountChange(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener(account());
}

addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) tell();
});
