/** The ticket's scenario: which failure the order is to meet, where the page offers that. */

import { byId, setText } from "../lib/elements.js";
import { scenarioNumberProblem } from "./scenario-number.js";

export class ScenarioField {
  #select = byId("scenario");
  #drawn = "";

  /** The scenario with its number, as the API takes it; empty for none. */
  get value() {
    if (!this.#select?.value) return "";
    return this.#chosen.dataset.unit ? `${this.#select.value}:${this.#number}` : this.#select.value;
  }

  /** What keeps the order from being sent, as `OrderTerms` tells it; or null. */
  get obstacle() {
    const { unit, most } = this.#select ? this.#chosen.dataset : {};
    const message = unit ? scenarioNumberProblem(this.#number, unit, Number(most)) : null;
    return message && { field: "scenario-number", button: "Check the scenario", message };
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

  get #number() {
    return byId("scenario-number").value.trim();
  }

  get #chosen() {
    return this.#select.selectedOptions[0];
  }
}
