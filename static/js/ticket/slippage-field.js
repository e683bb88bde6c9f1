/** The ticket's choice of a slippage tolerance. */

import { byId, setText } from "../lib/elements.js";
import { CUSTOM, slippageBps, slippageRemark } from "./slippage.js";

export class SlippageField {
  #presets = [...document.querySelectorAll("#slippage input[name=slippage]")];
  #custom = byId("custom-slippage");
  #note = byId("slippage-note");

  /** Basis points, or null while the custom value is unusable. */
  get bps() {
    return slippageBps(this.#choice, this.#custom.value);
  }

  get #choice() {
    return this.#presets.find((preset) => preset.checked).value;
  }

  /** Shows the custom box if it is chosen, and what to say about the value. */
  draw() {
    byId("custom-slippage-box").hidden = this.#choice !== CUSTOM;
    const { kind, text } = slippageRemark(this.#choice, this.#custom.value);
    this.#note.className = `field-note ${kind}`;
    setText(this.#note, text);
    this.#custom.ariaInvalid = String(kind === "bad");
  }

  /** Chooses the preset of so many basis points, or enters them as a percentage. */
  set(bps) {
    const preset = this.#presets.find(({ value }) => value === String(bps));
    (preset ?? this.#presets.find(({ value }) => value === CUSTOM)).checked = true;
    this.#custom.value = preset ? "" : String(bps / 100);
  }

  focusCustom() {
    this.#custom.focus();
  }
}
