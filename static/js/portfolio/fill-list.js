/** The account's fills, newest first, page by page. */

import { readFills } from "../lib/api.js";
import { byId } from "../lib/elements.js";
import { emptyRow, fillRow } from "./tables.js";

const PAGE = 20;
const COLUMNS = 5;

export class FillList {
  #body = byId("fill-rows");
  #more = byId("more-fills");
  #fills = [];
  #cursor = null;

  constructor() {
    this.#more.addEventListener("click", () => this.#readOlder());
  }

  /** Reads the newest page again and keeps what older pages showed. */
  async refresh() {
    const page = await readFills({ limit: PAGE });
    const oldest = page.fills.at(-1)?.sequence ?? 0;
    const older = this.#fills.filter(({ sequence }) => sequence < oldest);
    if (!older.length) this.#cursor = page.nextCursor;
    this.#fills = [...page.fills, ...older];
    this.#draw();
  }

  clear() {
    this.#fills = [];
    this.#cursor = null;
  }

  async #readOlder() {
    this.#more.disabled = true;
    const page = await readFills({ limit: PAGE, cursor: this.#cursor }).catch(() => null);
    this.#more.disabled = false;
    if (!page) return;
    this.#fills.push(...page.fills);
    this.#cursor = page.nextCursor;
    this.#draw();
  }

  #draw() {
    const rows = this.#fills.map(fillRow);
    this.#body.replaceChildren(...(rows.length ? rows : [emptyRow(COLUMNS, "No fills yet.")]));
    this.#more.hidden = !this.#cursor;
  }
}
