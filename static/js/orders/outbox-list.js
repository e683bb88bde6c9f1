/** Shows orders that are still on their way to the server: how it goes, and what can be done. */

import { byId, element, setText } from "../lib/elements.js";
import { amount, duration } from "../lib/format.js";
import { everySecond } from "../lib/ticker.js";
import { tokenName } from "../market/tokens.js";

const QUIET_MS = 400; // An answer this fast needs no note.

export function showOutbox(outbox) {
  const box = byId("outbox");
  const rows = new Map(); // key -> node, so that a button keeps the focus while the text changes
  const draw = () => {
    const late = outbox.sending.filter(({ entry }) => Date.now() - entry.at >= QUIET_MS);
    for (const sending of late) {
      const { key } = sending.entry;
      if (!rows.has(key)) rows.set(key, row(outbox, sending.entry));
      if (!rows.get(key).isConnected) box.append(rows.get(key));
      update(rows.get(key), sending);
    }
    const kept = new Set(late.map(({ entry }) => entry.key));
    for (const [key, node] of rows) if (!kept.has(key) && rows.delete(key)) node.remove();
  };
  outbox.addEventListener("change", () => {
    draw();
    if (outbox.sending.length) setTimeout(draw, QUIET_MS);
  });
  everySecond(draw);
}

function row(outbox, { key, order }) {
  return element(
    "li",
    {},
    element(
      "span",
      { className: "numeric" },
      `${amount(order.amountIn)} ${tokenName(order.tokenIn)} to ${tokenName(order.tokenOut)}`,
    ),
    element("span", { className: "outbox-state" }),
    element(
      "span",
      { className: "outbox-actions" },
      button("Send now", () => outbox.sendNow(key)),
      button("Discard", () => outbox.discard(key)),
    ),
  );
}

function button(text, onClick) {
  const node = element("button", { type: "button", className: "button quiet small" }, text);
  node.addEventListener("click", onClick);
  return node;
}

function update(node, { note, nextAt }) {
  const left = nextAt === null ? 0 : Math.max(nextAt - Date.now(), 0);
  const when = left > 0 ? ` Trying again in ${duration(Math.ceil(left / 1000) * 1000)}.` : "";
  setText(node.querySelector(".outbox-state"), note + when);
  node.querySelector(".outbox-actions").firstElementChild.hidden = nextAt === null;
}
