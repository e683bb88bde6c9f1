/** What is said about endpoints and deliveries. */

import { ago, duration } from "../lib/format.js";

/** {look, text}: how an endpoint does; `look` is that of a status chip. */
export function endpointState({ status, failures, nextAttemptAt }, now) {
  if (status === "paused") return { look: "resting", text: "Paused" };
  if (status === "failed") return { look: "failed", text: "Stopped" };
  if (!failures) return { look: "confirmed", text: "Active" };
  return { look: "retrying", text: `Failing, retry ${next(nextAttemptAt, now)}` };
}

/** Which events an endpoint gets, and in which form. */
export function wishText({ events, amounts }) {
  const statuses = events ? `Only ${listed(events)}` : "All statuses";
  return amounts === "string" ? `${statuses}; amounts as strings` : statuses;
}

/** Why nothing arrives, if so. */
export function troubleText({ status, failures, lastError }) {
  if (status === "failed") {
    return `Nothing arrived for days, so sending has stopped. Last error: ${lastError ?? "–"} Repair the receiver, then resume.`;
  }
  if (status === "paused") return "Nothing is sent; events wait.";
  if (!failures) return "";
  const failed =
    failures === 1 ? "The last delivery failed." : `The last ${failures} deliveries failed.`;
  return `${failed} ${lastError ?? ""}`.trim();
}

/** {look, text}: where one event stands on its way. */
export function deliveryState({ status, attempts, nextAttemptAt }, endpointStatus, now) {
  if (status === "delivered") return { look: "confirmed", text: "Delivered" };
  if (status === "dropped") return { look: "expired", text: "Dropped" };
  if (endpointStatus !== "active") return { look: "resting", text: "Waiting" };
  if (!attempts) return { look: "working", text: "Waiting" };
  return { look: "retrying", text: `Retry ${next(nextAttemptAt, now)}` };
}

/** What came of a test message. */
export function testText({ delivered, responseStatus, error }) {
  return delivered ? `The test message arrived: the receiver answered ${responseStatus}.` : error;
}

/** When a delivery arrived, or else was queued. */
export function whenText({ deliveredAt, createdAt }, now) {
  return ago(now - Date.parse(deliveredAt ?? createdAt));
}

/** The first page read anew, and what further pages brought before, if the two touch. */
export function mergePages(fresh, known) {
  const oldest = fresh.at(-1)?.id;
  const touch = known.some(({ id }) => id >= oldest);
  return touch ? [...fresh, ...known.filter(({ id }) => id < oldest)] : fresh;
}

function next(at, now) {
  const left = at ? Date.parse(at) - now : 0;
  return left > 0 ? `in ${duration(Math.ceil(left / 1000) * 1000)}` : "now";
}

function listed(words) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
}
