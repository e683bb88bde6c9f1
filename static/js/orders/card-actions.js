/** The buttons at the foot of a card: what can be done with its order as it stands. */

import { element } from "../lib/elements.js";
import { shortId } from "../lib/format.js";
import { createCancelButton } from "./cancel-button.js";
import { isCancellable } from "./order-state.js";

/**
 * Returns {node, update(order)}. `offers` are further actions [{name, action, label, offered(order),
 * run(orderId)}], `label` for screen readers with the end of the order's id after it. A button is made
 * when it is first of use.
 */
export function createCardActions(orderId, onRecord, offers) {
  const cancel = createCancelButton(orderId, onRecord, `Cancel order ${shortId(orderId)}`);
  const details = detailsLink(orderId);
  const node = element("span", { className: "card-actions" }, cancel, details);
  const made = new Map();
  const update = (order) => {
    const focused = document.activeElement;
    cancel.hidden = !isCancellable(order);
    for (const offer of offers) {
      const offered = offer.offered(order);
      if (offered && !made.has(offer)) {
        made.set(offer, offerButton(offer, order));
        node.prepend(made.get(offer));
      }
      if (made.has(offer)) made.get(offer).hidden = !offered;
    }
    // A button that goes takes the focus along; the keyboard stays at this card.
    if (node.contains(focused) && focused.hidden) details.focus({ preventScroll: true });
  };
  return { node, update };
}

function offerButton({ name, action, label, run }, { orderId }) {
  const button = element(
    "button",
    {
      type: "button",
      className: "button quiet small",
      dataset: { action },
      attributes: { "aria-label": `${label} ${shortId(orderId)}` },
    },
    name,
  );
  button.addEventListener("click", () => run(orderId));
  return button;
}

function detailsLink(orderId) {
  return element(
    "a",
    {
      className: "button quiet small",
      href: `/orders/${encodeURIComponent(orderId)}`,
      attributes: { "aria-label": `Details of order ${shortId(orderId)}` },
    },
    "Details",
  );
}
