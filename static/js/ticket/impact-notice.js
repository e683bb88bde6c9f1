/** Shows the price impact, and asks for a typed consent to a very high one. */

import { byId, element, icon } from "../lib/elements.js";
import { impactRemark, isConsent, needsConsent } from "./price-impact.js";

export class ImpactNotice {
  #word = byId("impact-word");
  #needed = false;
  #shown = "";

  /** What keeps the order from being sent: {field, button}, or null. */
  get obstacle() {
    if (!this.#needed || isConsent(this.#word.value)) return null;
    return { field: this.#word.id, button: "Accept the price impact first" };
  }

  /** `impact` is a fraction, or null while there is no quote. */
  draw(impact) {
    const value = Number(impact ?? 0);
    const remark = impactRemark(value);
    const box = byId("impact");
    box.hidden = !remark;
    const text = remark?.text ?? "";
    if (text !== this.#shown) {
      this.#shown = text;
      box.dataset.tier = remark?.tier ?? "";
      box.replaceChildren(icon("warning"), element("span", {}, text));
    }
    // Between two quotes there is none for a moment: a consent that was needed stays needed.
    if (impact !== null) this.#needed = needsConsent(value);
    byId("impact-confirm").hidden = !this.#needed;
  }

  /** Consent holds for one order. */
  reset() {
    this.#word.value = "";
    this.#needed = false;
  }
}
