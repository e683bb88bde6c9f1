/** Every step an order took: what, when, how long, in which attempt. */

import { element, icon } from "../lib/elements.js";
import { clockTime, dateTime, shorten } from "../lib/format.js";
import { lookOf } from "./order-state.js";
import { ICONS } from "./status-text.js";
import { eventText, eventTitle, isAmendment, isRetry, timeInStep } from "./timeline-text.js";

/** The list entries for `history`, oldest first. */
export function timelineEntries(order, history) {
  return history.map((event, index) => entry(order, event, history[index + 1]));
}

function entry(order, event, following) {
  const { status, timestamp } = event;
  const retry = isRetry(event);
  const mark = icon(isAmendment(event) ? "pencil" : ICONS[lookOf({ status, retry })]);
  return element(
    "li",
    { className: "timeline-entry" },
    element(
      "span",
      { className: "status-icon", dataset: { status: retry ? "retrying" : status } },
      mark,
    ),
    element(
      "div",
      {},
      element("p", { className: "timeline-title" }, eventTitle(event), attemptMark(event)),
      element("p", { className: "timeline-text" }, eventText(order, event), causeLink(event)),
    ),
    element(
      "p",
      { className: "timeline-when" },
      element("strong", { className: "numeric" }, timeInStep(event, following)),
      element(
        "time",
        { dateTime: timestamp, title: dateTime(timestamp) },
        clockTime(timestamp, true),
      ),
    ),
  );
}

/** A link to the order that caused this step. */
function causeLink({ data }) {
  if (!data.by) return null;
  const href = `/orders/${encodeURIComponent(data.by)}`;
  return element("span", {}, ": ", element("a", { href, title: data.by }, shorten(data.by, 4)));
}

function attemptMark({ status, data }) {
  if (status !== "routing" || !(data.attempt > 1)) return null;
  return element("span", { className: "kind" }, `Attempt ${data.attempt}`);
}
