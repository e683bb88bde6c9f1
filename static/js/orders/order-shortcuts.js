/** Shortcuts for orders: through the list, and what can be done with the order at hand. */

import { byId } from "../lib/elements.js";

const ACTIONS = [
  ["e", "amend", "Amend the order at hand"],
  ["p", "protect", "Protect what the order at hand bought"],
  ["r", "again", "Place the order at hand again"],
];
const VIEWS = [
  ["a", "active", "Show active orders"],
  ["r", "resting", "Show resting orders"],
  ["h", "history", "Show past orders"],
];

/** On an order's own page. */
export function orderShortcuts() {
  return actionShortcuts(() => byId("order-actions"));
}

/** In the list: the order at hand is the one whose card has the focus. */
export function listShortcuts() {
  return [
    { keys: "j", text: "To the next order", run: () => step(1) },
    { keys: "k", text: "To the order before", run: () => step(-1) },
    ...actionShortcuts(() => document.activeElement.closest(".order-card")),
    ...VIEWS.map(([key, view, text]) => ({
      keys: `v ${key}`,
      text,
      run: () => byId(`tab-${view}`).click(),
    })),
    { keys: "X", text: "Cancel all, after a question", run: () => press(byId("cancel-all")) },
  ];
}

function actionShortcuts(place) {
  return [
    ...ACTIONS.map(([keys, action, text]) => ({
      keys,
      text,
      run: () => press(find(place(), action)),
    })),
    // One key alone cancels nothing.
    { keys: "x", text: "To the cancel button", run: () => find(place(), "cancel")?.focus() },
  ];
}

function find(place, action) {
  return place?.querySelector(`[data-action="${action}"]:not([hidden])`);
}

function press(button) {
  if (!button || button.hidden) return false;
  button.focus();
  button.click();
  return true;
}

function step(by) {
  const cards = [...document.querySelectorAll(".order-card:not(.loading)")];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const next = cards[at < 0 ? 0 : Math.max(0, Math.min(cards.length - 1, at + by))];
  next?.querySelector("a[href]").focus();
  next?.scrollIntoView({ block: "nearest" });
}
