/**
 * The cancel button. It sends one request at a time and shows why an order was not cancelled. While
 * it waits it is disabled in its look only: what is really disabled loses the focus.
 */

import { ApiProblem, cancelOrder } from "../lib/api.js";
import { element } from "../lib/elements.js";
import { showProblem } from "../lib/toast.js";

/** `onRecord` gets the cancelled order's record. */
export function createCancelButton(orderId, onRecord, label = "Cancel order") {
  const button = element(
    "button",
    {
      type: "button",
      className: "button quiet small danger",
      dataset: { action: "cancel" },
      attributes: { "aria-label": label },
    },
    "Cancel",
  );
  button.addEventListener("click", async () => {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    try {
      onRecord(await cancelOrder(orderId));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      showProblem("Order not cancelled", error.message);
      button.ariaDisabled = "false";
    }
  });
  return button;
}
