/** The slippage tolerance: presets, a custom value, warnings, a hard maximum. */

import { byId, setText } from "../lib/elements.js";
import { readDecimal } from "../lib/exact-amount.js";

const WARN_ABOVE_BPS = 500;
const MOST_BPS = 5000;

export class SlippageField {
  #presets = [...document.querySelectorAll("#slippage input[name=slippage]")];
  #custom = byId("custom-slippage");
  #note = byId("slippage-note");

  /** Basis points, or null while the custom value is none. */
  get bps() {
    const chosen = this.#presets.find((preset) => preset.checked).value;
    if (chosen !== "custom") return Number(chosen);
    const percent = readDecimal(this.#custom.value);
    const bps = percent === null ? NaN : Math.round(Number(percent) * 100);
    return bps <= MOST_BPS ? bps : null;
  }

  get field() {
    return this.#custom;
  }

  /** Shows the custom box where it is chosen, and what to say about the value. */
  draw() {
    const custom = this.#presets.at(-1).checked;
    byId("custom-slippage-box").hidden = !custom;
    const [kind, text] = this.#remark(custom);
    this.#note.className = `field-note ${kind}`;
    setText(this.#note, text);
    this.#custom.ariaInvalid = String(kind === "bad");
  }

  focusCustom() {
    this.#custom.focus();
  }

  #remark(custom) {
    const { bps } = this;
    if (custom && !this.#custom.value) return ["", "Enter a percentage, such as 2"];
    if (bps === null) return ["bad", `Enter a percentage from 0 to ${MOST_BPS / 100}`];
    if (bps === 0) return ["warn", "At 0 % any move of the price against you fails the order."];
    if (bps > WARN_ABOVE_BPS)
      return ["warn", `You may receive up to ${bps / 100} % less than quoted.`];
    return ["", ""];
  }
}
