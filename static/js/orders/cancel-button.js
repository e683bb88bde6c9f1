/** The cancel button. It sends one request at a time and shows why an order was not cancelled. */

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
    if (button.disabled) return;
    button.disabled = true;
    try {
      onRecord(await cancelOrder(orderId));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      showProblem("Order not cancelled", error.message);
      button.disabled = false;
    }
  });
  return button;
}
