/** The state of an order, and how records and events change it. */

export const STEPS = ["pending", "routing", "building", "submitted", "confirmed"];
export const TERMINAL = new Set(["confirmed", "failed", "cancelled", "expired"]);
export const VIEWS = {
  active: ["open", "pending", "routing", "building", "submitted"],
  resting: ["open"],
  history: ["confirmed", "failed", "cancelled", "expired"],
};
const STOPPED = new Set(["failed", "cancelled", "expired"]);

export const isTerminal = (order) => TERMINAL.has(order.status);
export const isOpen = (order) => order.status === "open";
export const isCancellable = (order) => order.status === "open" || order.status === "pending";

/** Compares two orders for sorting. */
export function newestFirst(one, other) {
  return other.createdAt.localeCompare(one.createdAt) || other.orderId.localeCompare(one.orderId);
}

/** An order as the API describes it; `sequence` is that of its latest event. */
export function fromRecord(record) {
  return { ...record, step: stepOf(record), retry: null };
}

function stepOf(record) {
  const step = STEPS.indexOf(record.status);
  if (step >= 0) return step;
  if (record.txHash) return STEPS.indexOf("submitted");
  return record.attempts > 0 ? STEPS.indexOf("routing") : 0;
}

/** Whether `record` is newer than `order`: it may be older than an event that has come since. */
export function isNewer(record, order) {
  return record.sequence > order.sequence;
}

/** Whether the order waits for another attempt for a reason that only its last event tells. */
export const lacksRetryReason = (order) =>
  order.status === "pending" && order.attempts > 0 && !order.retry;

/** Whether the order was filled and nobody has told yet what that was worth. */
export const lacksValues = (order) => order.status === "confirmed" && order.amountOutUsd == null;

/** The known order with a newer record's values. */
export function mergeRecord(order, record) {
  const next = fromRecord(record);
  if (TERMINAL.has(next.status) && !STEPS.includes(next.status))
    next.step = Math.max(next.step, order.step);
  return next;
}

/** Whether `event` is the "next" one, was already "seen", or leaves a "gap" of missing events. */
export function checkSequence(order, event) {
  if (event.sequence <= order.sequence) return "seen";
  return event.sequence === order.sequence + 1 ? "next" : "gap";
}

/** The order after `event`. */
export function applyEvent(order, event) {
  const { data, status } = event;
  const next = {
    ...order,
    status,
    sequence: event.sequence,
    updatedAt: event.timestamp,
    retry: null,
  };
  const step = STEPS.indexOf(status);
  if (step >= 0) next.step = step;
  else if (status === "open") next.step = 0;
  if (event.txHash) next.txHash = event.txHash;
  if (event.executedPrice != null) next.executedPrice = event.executedPrice;
  if (data.chosenDex) next.dexUsed = data.chosenDex;
  for (const name of ["amountOut", "minAmountOut", "explorerUrl", "expiresAt"]) {
    if (data[name] != null) next[name] = data[name];
  }
  for (const [name, { to }] of Object.entries(data.amended ?? {})) next[name] = to;
  if (status === "pending" && data.error) {
    next.retry = { attempt: data.attempt, at: data.retryAt, message: data.error.message };
  } else if (status !== "pending" && data.attempt) {
    next.attempts = data.attempt;
  }
  return { ...next, ...ending(event, next) };
}

/** What an event that ends the order otherwise than well adds to it. */
function ending({ status, data }, { attempts }) {
  if (status === "cancelled" && data.reason) return { cancelledBy: { by: null, ...data } };
  if (status !== "failed") return {};
  const { code, message } = data.error ?? {};
  return { failCode: code, failReason: message, attempts: data.attempts ?? attempts };
}

/** How to show an order: a final status, or "resting", "waiting", "retrying" or "working". */
export function lookOf(order) {
  if (order.status === "open") return "resting";
  if (order.status === "pending") return order.retry ? "retrying" : "waiting";
  return TERMINAL.has(order.status) ? order.status : "working";
}

/** How to show a step: "done", "current", "ahead", or "stopped" where the order ended. */
export function stepState(order, index) {
  const look = lookOf(order);
  if (look === "confirmed" || index < order.step) return "done";
  if (index > order.step || look === "resting") return "ahead";
  return STOPPED.has(look) ? "stopped" : "current";
}
