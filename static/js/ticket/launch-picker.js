/** The sniper's list of launches to pick from, and a practice launch. */

import { ApiProblem, scheduleLaunch } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { amount } from "../lib/format.js";
import { debounce, everySecond } from "../lib/ticker.js";
import {
  addOwnLaunch,
  currentLaunches,
  findLaunch,
  opening,
  practiceLaunch,
  refreshLaunches,
  searchLaunches,
} from "../market/launches.js";

const TYPING_PAUSE_MS = 250;

/** `onPick` gets the symbol that the user picks. */
export class LaunchPicker {
  #onPick;
  #box = byId("launches");
  #button = byId("practice-launch");
  #searched = "";
  #found = [];

  constructor(onPick) {
    this.#onPick = onPick;
    byId("snipe-token").addEventListener(
      "input",
      debounce(TYPING_PAUSE_MS, () => this.#search()),
    );
    this.#button.addEventListener("click", () => this.#practise());
    everySecond(() => this.draw());
  }

  async refresh() {
    await refreshLaunches().catch(() => null);
    this.draw();
  }

  /** What is typed narrows the list, until it names a launch. */
  async #search() {
    const typed = byId("snipe-token").value.trim();
    if (typed === this.#searched || (typed && findLaunch(typed))) return;
    this.#searched = typed;
    const found = typed ? await searchLaunches(typed).catch(() => []) : [];
    if (typed !== this.#searched) return;
    this.#found = found;
    this.draw();
  }

  draw() {
    if (this.#box.parentElement.hidden) return;
    const launches = this.#searched ? this.#found : currentLaunches(Date.now());
    const drawn = [...this.#box.children].map((row) => row.dataset.symbol).join();
    if (drawn !== launches.map(({ symbol }) => symbol).join()) {
      this.#box.replaceChildren(...launches.map((launch) => this.#row(launch)));
    }
    const picked = byId("snipe-token").value.trim();
    for (const [index, launch] of launches.entries()) {
      const row = this.#box.children[index];
      row.ariaPressed = String(picked === launch.symbol || picked === launch.mint);
      setText(row.lastElementChild, `${opening(launch)} · $${amount(launch.liquidityUsd)}`);
    }
  }

  #row(launch) {
    const row = element(
      "button",
      { type: "button", className: "launch", dataset: { symbol: launch.symbol } },
      element("strong", {}, launch.symbol),
      element("span"),
    );
    row.addEventListener("click", () => this.#onPick(launch.symbol));
    return row;
  }

  async #practise() {
    this.#button.disabled = true;
    const launch = practiceLaunch();
    try {
      addOwnLaunch(await scheduleLaunch(launch));
      this.#searched = "";
      this.#onPick(launch.symbol);
      setText(byId("practice-launch-result"), `${launch.symbol} is scheduled and picked.`);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setText(byId("practice-launch-result"), error.message);
    } finally {
      this.#button.disabled = false;
    }
  }
}
