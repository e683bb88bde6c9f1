/** The orders of a group on the page of one of them, and what happened to each. */

import { element } from "../lib/elements.js";
import { groupSentence, memberText, roleOf, triggerText } from "./group-text.js";

/** The panel's content: a sentence, and each order with a link; `shownId` is the page's own. */
export function groupPanel(members, shownId) {
  return element(
    "div",
    {},
    element(
      "p",
      { className: "group-sentence", attributes: { role: "status" } },
      `${groupSentence(members)}.`,
    ),
    element(
      "ul",
      { className: "group-members" },
      ...members.map((member) => row(member, members, shownId)),
    ),
  );
}

function row(member, members, shownId) {
  const { orderId, status } = member;
  const role = roleOf(member, members);
  const name =
    orderId === shownId
      ? element("strong", {}, `${role} (this order)`)
      : element("a", { href: `/orders/${encodeURIComponent(orderId)}`, title: orderId }, role);
  return element(
    "li",
    { dataset: { status } },
    name,
    element("span", { className: "muted numeric" }, triggerText(member)),
    element("span", { className: "group-fate" }, memberText(member, members)),
  );
}
