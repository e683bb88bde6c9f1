/** The ticket's scenario: which failure the order is to meet, where the page offers that. */

import { byId, setText } from "../lib/elements.js";

export class ScenarioField {
  #select = byId("scenario");
  #drawn = "";

  /** The scenario with its number, as the API takes it; empty for none. */
  get value() {
    if (!this.#select?.value) return "";
    const number = byId("scenario-number").value.trim();
    return this.#chosen.dataset.unit ? `${this.#select.value}:${number}` : this.#select.value;
  }

  /** Explains what is chosen, and asks for its number. */
  draw() {
    if (!this.#select || this.#drawn === this.#select.value) return;
    this.#drawn = this.#select.value;
    const { unit = "", number = "", sentence } = this.#chosen.dataset;
    byId("scenario-number-box").hidden = !unit;
    byId("scenario-number").value = number;
    setText(byId("scenario-unit"), unit);
    setText(byId("scenario-hint"), sentence);
  }

  get #chosen() {
    return this.#select.selectedOptions[0];
  }
}
