/** Shows orders that are still on their way to the server. */

import { byId, element } from "../lib/elements.js";
import { amount } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";

const QUIET_MS = 400; // An answer this fast needs no note.

export function showOutbox(outbox) {
  const box = byId("outbox");
  const draw = () => {
    const late = outbox.sending.filter(({ entry }) => Date.now() - entry.at >= QUIET_MS);
    box.replaceChildren(...late.map(row));
  };
  outbox.addEventListener("change", () => {
    draw();
    if (outbox.sending.length) setTimeout(draw, QUIET_MS);
  });
}

function row({ entry: { order }, note }) {
  return element(
    "li",
    {},
    element(
      "span",
      { className: "numeric" },
      `${amount(order.amountIn)} ${tokenName(order.tokenIn)} to ${tokenName(order.tokenOut)}`,
    ),
    element("span", { className: "outbox-state" }, note),
  );
}
