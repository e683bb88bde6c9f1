/** Shortcuts for the ticket. */

import { byId } from "../lib/elements.js";

const TYPES = ["market", "limit", "stop", "sniper"];

export function ticketShortcuts() {
  return [
    { keys: "n", text: "New order: to the amount", run: toAmount },
    { keys: "f", text: "Flip the pair", run: () => byId("flip").click() },
    ...TYPES.map((type, index) => ({
      keys: String(index + 1),
      text: `A ${type} order`,
      run: () => byId("ticket").querySelector(`[name=type][value=${type}]`).click(),
    })),
  ];
}

/** What is typed next replaces the amount of the order before. */
function toAmount() {
  byId("amount-in").focus();
  byId("amount-in").select();
}
