/** The HTTP API. Every failure is an `ApiProblem` with a stable `code` and a sentence to show. */

import { parseExact } from "./exact-json.js";
import { noteSessionEnd, sessionHasEnded, token } from "./session.js";

const OF_ITS_CALLER = /^\/api\/(orders|account|webhooks)\b/; // Who asks decides whose it is.

/** A refusal by the server (`status` > 0), or no answer at all (`status` 0, code "unreachable"). */
export class ApiProblem extends Error {
  constructor({ status = 0, code = "unreachable", detail, errors = {}, retryAfterS = null }) {
    super(detail || "The server cannot be reached.");
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }

  /** Whether sending the same request again may succeed. */
  get retryable() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The answer as JSON; throws an `ApiProblem`. */
export async function request(path, options = {}) {
  const { response, content, bearer } = await send(path, options, (answer) => answer.text());
  const value = parseExact(content);
  if (response.ok && value !== undefined) return value;
  throw refused(path, bearer, response, value);
}

/** The answer as a file; throws an `ApiProblem`. */
export async function download(path) {
  const { response, content, bearer } = await send(path, {}, (answer) => answer.blob());
  if (response.ok) return content;
  throw refused(path, bearer, response, parseExact(await content.text()));
}

async function send(path, { method = "GET", body, idempotencyKey, ifMatch, signal }, read) {
  if (OF_ITS_CALLER.test(path) && sessionHasEnded()) throw sessionEnded();
  const headers = { Accept: "application/json" };
  const bearer = token();
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  if (ifMatch !== undefined) headers["If-Match"] = `"${ifMatch}"`;
  try {
    const sent = { method, headers, signal, body: body && JSON.stringify(body) };
    const response = await fetch(path, sent);
    return { response, content: await read(response), bearer };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiProblem({});
  }
}

/** `bearer` is what the request was sent with: by now, somebody may have logged in anew. */
function refused(path, bearer, response, value) {
  const isOver = response.status === 401 && bearer && bearer === token();
  if (!isOver || path.startsWith("/api/auth/")) return problemOf(response, value);
  noteSessionEnd();
  return sessionEnded();
}

function sessionEnded() {
  const detail = "Your session has ended. Log in again.";
  return new ApiProblem({ status: 401, code: "session_ended", detail });
}

function problemOf(response, value) {
  return new ApiProblem({
    status: response.status,
    code: value?.code ?? "unexpected_answer",
    detail: value?.detail ?? `The server answered with status ${response.status}.`,
    errors: value?.errors,
    retryAfterS: Number(response.headers.get("Retry-After")) || null,
  });
}

export function query(parameters) {
  const set = Object.entries(parameters).filter(([, value]) => value !== "" && value != null);
  return new URLSearchParams(set).toString();
}

export const placeOrder = (order, idempotencyKey) =>
  request("/api/orders/execute", { method: "POST", body: order, idempotencyKey });
/** Places resting orders of which one that triggers cancels the others: all of them or none. */
export const placeLinked = (orders, idempotencyKey) =>
  request("/api/orders/linked", { method: "POST", body: { orders }, idempotencyKey });
/** What placing the order would do; nothing is stored. */
export const previewOrder = (order) =>
  request("/api/orders/execute", { method: "POST", body: { ...order, dryRun: true } });
/** Amends an open order that is still at `sequence`. */
export const amendOrder = (id, terms, sequence) =>
  request(`/api/orders/${encodeURIComponent(id)}`, {
    method: "PATCH",
    body: terms,
    ifMatch: sequence,
  });
/** Cancels all orders that the filters name; a bounded number at a time. */
export const cancelOrders = (parameters) =>
  request(`/api/orders/cancel-all?${query(parameters)}`, { method: "POST" });
export const exportOrders = (parameters) => download(`/api/orders.csv?${query(parameters)}`);
export const readOrder = (id) => request(`/api/orders/${encodeURIComponent(id)}`);
export const readHistory = (id, after = 0) =>
  request(`/api/orders/${encodeURIComponent(id)}/history?afterSequence=${after}`);
export const cancelOrder = (id) =>
  request(`/api/orders/${encodeURIComponent(id)}`, { method: "DELETE" });
export const listOrders = (parameters) => request(`/api/orders?${query(parameters)}`);
export const readQuotes = (parameters, signal) =>
  request(`/api/quotes?${query(parameters)}`, { signal });
export const readCandles = (parameters) => request(`/api/market/candles?${query(parameters)}`);
export const readPrices = (pair) => request(`/api/market/prices?${query(pair)}`);
export const findTokens = (parameters) => request(`/api/market/tokens?${query(parameters)}`);
export const readTokens = () => request("/api/tokens");
export const readLaunches = (parameters) => request(`/api/market/launches?${query(parameters)}`);
export const scheduleLaunch = (launch) =>
  request("/api/market/launches", { method: "POST", body: launch });
export const startMove = (move) => request("/api/market/moves", { method: "POST", body: move });
export const endMoves = () => request("/api/market/moves", { method: "DELETE" });
export const signUp = (credentials) =>
  request("/api/auth/signup", { method: "POST", body: credentials });
export const signIn = (credentials) =>
  request("/api/auth/login", { method: "POST", body: credentials });
export const signOut = () => request("/api/auth/logout", { method: "POST" });
export const signOutEverywhere = () => request("/api/auth/logout-everywhere", { method: "POST" });
export const listSessions = () => request("/api/auth/sessions");
export const endSession = (id) =>
  request(`/api/auth/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
export const changePassword = (wish) =>
  request("/api/auth/password", { method: "POST", body: wish });
export const readAccount = () => request("/api/account");
export const readBalances = () => request("/api/account/balances");
export const readPositions = () => request("/api/account/positions");
export const readFills = (parameters) => request(`/api/account/fills?${query(parameters)}`);
export const readEquity = (parameters) => request(`/api/account/equity?${query(parameters)}`);
export const fundAccount = (wish) => request("/api/account/faucet", { method: "POST", body: wish });
export const readLedger = (parameters) => request(`/api/account/ledger?${query(parameters)}`);
export const resetAccount = (wish) => request("/api/account/reset", { method: "POST", body: wish });
export const readQueueMetrics = () => request("/api/queue/metrics");
export const readWallet = (address) =>
  request(`/api/wallets/${encodeURIComponent(address)}/balances`);
export const askFaucet = (address, wanted) =>
  request(`/api/wallets/${encodeURIComponent(address)}/faucet`, { method: "POST", body: wanted });
