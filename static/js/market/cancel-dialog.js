/** Asks before an order is cancelled from the chart, and cancels it. */

import { ApiProblem, cancelOrder } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { showProblem } from "../lib/toast.js";

export class CancelDialog {
  #dialog = byId("cancel-dialog");
  #onRecord;
  #orderId = null;

  /** `onRecord` gets the cancelled order's record. */
  constructor(onRecord) {
    this.#onRecord = onRecord;
    byId("cancel-keep").addEventListener("click", () => this.#dialog.close());
    byId("cancel-confirm").addEventListener("click", () => this.#cancel());
  }

  /** `sentence` says which order it is. */
  ask(orderId, sentence) {
    this.#orderId = orderId;
    setText(byId("cancel-order"), sentence);
    this.#dialog.showModal();
  }

  async #cancel() {
    const button = byId("cancel-confirm");
    if (button.disabled) return;
    button.disabled = true;
    try {
      this.#onRecord(await cancelOrder(this.#orderId));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      showProblem("Order not cancelled", error.message);
    } finally {
      button.disabled = false;
      this.#dialog.close();
      byId("market-title").focus({ preventScroll: true }); // The order's button is gone.
    }
  }
}
