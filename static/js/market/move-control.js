/** The small control that moves the simulated market, where the page has it (local mode). */

import { ApiProblem, endMoves, startMove } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { readSignedDecimal } from "../lib/exact-amount.js";

const FIELDS = { changePercent: "Percent", overSeconds: "Seconds", token: "Token" };

export class MoveControl {
  #form = byId("move-market");
  #token = "SOL";

  constructor() {
    if (!this.#form) return;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#move();
    });
    byId("move-freeze").addEventListener("click", () => this.#freeze());
    byId("move-end").addEventListener("click", () => this.#endAll());
  }

  /** The token whose price is shown. */
  show(token) {
    this.#token = token;
    if (this.#form) setText(byId("move-token"), token);
  }

  #move() {
    const changePercent = readSignedDecimal(byId("move-percent").value);
    const overSeconds = Number(byId("move-seconds").value);
    if (changePercent === null) return this.#say("Enter a percentage, such as -5");
    if (!Number.isInteger(overSeconds)) return this.#say("Enter whole seconds, such as 5");
    const move = { token: this.#token, changePercent, overSeconds };
    return this.#ask(
      () => startMove(move),
      `${this.#token} goes ${changePercent} % within ${overSeconds} s.`,
    );
  }

  #freeze() {
    const move = { token: this.#token, freeze: true };
    return this.#ask(() => startMove(move), `${this.#token} stands still.`);
  }

  #endAll() {
    return this.#ask(endMoves, "All prices glide back to their own course.");
  }

  async #ask(send, done) {
    try {
      await send();
      this.#say(done);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#say(refusalText(error));
    }
  }

  #say(text) {
    setText(byId("move-result"), text);
  }
}

/** Which of the fields is wrong and how; else what the problem says. */
function refusalText({ message, errors }) {
  const lines = Object.entries(errors).map(([name, [reason]]) => {
    const told = reason[0].toLowerCase() + reason.slice(1);
    return `${FIELDS[name] ?? name}: ${told}`;
  });
  return lines.join(" ") || message;
}
