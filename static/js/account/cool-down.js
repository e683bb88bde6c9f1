/** A button that waits until the server takes another try, and counts down meanwhile. */

import { setText } from "../lib/elements.js";
import { duration } from "../lib/format.js";

const SECOND_MS = 1000;

/** What the button says while that much is left. */
export function waitText(leftMs) {
  return `Try again in ${duration(Math.ceil(leftMs / SECOND_MS) * SECOND_MS)}`;
}

export class CoolDown {
  #button;
  #label;
  #until = 0;
  #timer = null;

  constructor(button, label) {
    this.#button = button;
    this.#label = label;
  }

  /** Whether another try would still be refused. */
  get waits() {
    return this.#until > Date.now();
  }

  /** What the button says when it does not wait. */
  setLabel(label) {
    this.#label = label;
    this.#draw();
  }

  /** Waits as long as a problem asks for, if it asks. */
  heed({ status, retryAfterS }) {
    if (status !== 429 || !retryAfterS) return;
    this.#until = Date.now() + retryAfterS * SECOND_MS;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), SECOND_MS / 4);
    this.#draw();
  }

  #draw() {
    const { waits } = this;
    setText(this.#button, waits ? waitText(this.#until - Date.now()) : this.#label);
    if (waits) this.#button.disabled = true;
    else if (this.#timer) this.#end();
  }

  #end() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#button.disabled = false;
  }
}
