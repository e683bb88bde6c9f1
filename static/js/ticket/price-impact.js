/** How much the order itself moves the price: remarks at 1, 3 and 5 %, a typed consent above 10 %. */

import { byId, element, icon } from "../lib/elements.js";
import { percent } from "../lib/format.js";

const TIERS = [
  [0.05, "high", "Price impact {} is very high: the pool is small for this amount."],
  [0.03, "warn", "Price impact {} is high. A smaller order gets a better price."],
  [0.01, "notice", "Price impact {}: this order moves the price."],
];
const CONSENT_ABOVE = 0.1;
const CONSENT_WORD = "accept";

export class PriceImpact {
  #word = byId("impact-word");
  #needed = false;
  #shown = "";

  /** What keeps the order from being sent: {field, button}, or null. */
  get obstacle() {
    const given = this.#word.value.trim().toLowerCase() === CONSENT_WORD;
    return this.#needed && !given
      ? { field: this.#word, button: "Accept the price impact first" }
      : null;
  }

  /** `impact` is a fraction, or null where there is no quote. */
  draw(impact) {
    const value = Number(impact ?? 0);
    const [, tier, text] = TIERS.find(([from]) => value >= from) ?? [];
    const remark = text?.replace("{}", percent(value)) ?? "";
    const box = byId("impact");
    box.hidden = !tier;
    if (remark !== this.#shown) {
      this.#shown = remark;
      box.dataset.tier = tier ?? "";
      box.replaceChildren(icon("warning"), element("span", {}, remark));
    }
    // Between two quotes there is none for a moment: what was needed stays needed.
    if (impact !== null) this.#needed = value > CONSENT_ABOVE;
    byId("impact-confirm").hidden = !this.#needed;
  }

  /** Consent holds for one order. */
  reset() {
    this.#word.value = "";
    this.#needed = false;
  }
}
