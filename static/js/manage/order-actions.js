/** The buttons at the head of an order's page: what can be done with it as it stands. */

import { element, icon } from "../lib/elements.js";
import { createCancelButton } from "../orders/cancel-button.js";
import { isCancellable, isOpen, isTerminal } from "../orders/order-state.js";
import { againTerms } from "./again-terms.js";
import { openAmend } from "./amend-dialog.js";
import { openPlaceAgain } from "./place-again.js";
import { protectOrder } from "./protect-dialog.js";
import { isOurs, isProtectable } from "./protect-terms.js";

/**
 * Draws into `box`; `onChange()` is called when the order may have changed. If the button with the
 * focus goes, the focus goes to `title`.
 */
export function createOrderActions(box, title, { outbox, onChange }) {
  return (order) => {
    const wanted = namesFor(order);
    if (box.dataset.actions === wanted.join()) return;
    box.dataset.actions = wanted.join();
    const focused = box.contains(document.activeElement) && document.activeElement.dataset.action;
    box.replaceChildren(...wanted.map((name) => made(name, order, { outbox, onChange })));
    if (focused) (box.querySelector(`[data-action="${focused}"]`) ?? title).focus();
  };
}

function made(name, order, tools) {
  const button = MAKERS[name](order, tools);
  button.dataset.action = name === "retry" ? "again" : name; // What shortcuts look for.
  return button;
}

function namesFor(order) {
  const names = [];
  if (isProtectable(order)) names.push("protect");
  if (isOpen(order) && isOurs(order)) names.push("amend");
  if (isCancellable(order)) names.push("cancel");
  if (isTerminal(order) && isOurs(order)) names.push(againFor(order));
  return names;
}

/** What did not come about is tried again at once; what did, only after a second thought. */
function againFor({ status }) {
  return status === "failed" || status === "expired" ? "retry" : "again";
}

const MAKERS = {
  protect: (order, { onChange }) =>
    button("shield", "Protect", "button primary", () => protectOrder(order.orderId, onChange)),
  amend: (order, { onChange }) =>
    button("pencil", "Amend", "button", () => openAmend(order.orderId, onChange)),
  cancel: (order, { onChange }) => createCancelButton(order.orderId, onChange),
  retry: tryAgainButton,
  again: (order, { outbox }) =>
    button("retry", "Place again", "button", () => openPlaceAgain(order.orderId, outbox)),
};

function button(iconName, text, className, onClick) {
  const node = element("button", { type: "button", className }, icon(iconName), text);
  node.addEventListener("click", onClick);
  return node;
}

/** A new order on the same terms; the old one stays as it is. */
function tryAgainButton(order, { outbox }) {
  const node = button("retry", "Try again", "button primary", () => {
    if (node.disabled) return;
    node.disabled = true;
    outbox.submit(againTerms(order)).finally(() => {
      node.disabled = false;
    });
  });
  return node;
}
