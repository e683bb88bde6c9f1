/** A table of the account's history, newest first, page by page. */

import { byId } from "../lib/elements.js";
import { freshest } from "./paging.js";
import { emptyRow } from "./tables.js";

const PAGE = 20;

/**
 * `name` is what the ids begin with: "fill" has `fill-rows` and `more-fill`. `read({limit, cursor})`
 * resolves with `{items, nextCursor}`; `row(item)` draws one, `keyOf(item)` tells them apart.
 */
export class PagedTable {
  #body;
  #more;
  #source;
  #shown = { items: [], cursor: null };

  constructor(name, source) {
    this.#body = byId(`${name}-rows`);
    this.#more = byId(`more-${name}`);
    this.#source = source;
    this.#more.addEventListener("click", () => this.#readOlder());
  }

  /** Reads the newest page again and keeps what older pages showed. */
  async refresh() {
    const page = await this.#source.read({ limit: PAGE });
    this.#shown = freshest(page, this.#shown, this.#source.keyOf);
    this.#draw();
  }

  clear() {
    this.#shown = { items: [], cursor: null };
  }

  async #readOlder() {
    this.#more.disabled = true;
    const { cursor } = this.#shown;
    const page = await this.#source.read({ limit: PAGE, cursor }).catch(() => null);
    this.#more.disabled = false;
    if (!page || cursor !== this.#shown.cursor) return;
    this.#shown = { items: [...this.#shown.items, ...page.items], cursor: page.nextCursor };
    this.#draw();
  }

  #draw() {
    const { row, columns, none } = this.#source;
    const rows = this.#shown.items.map(row);
    this.#body.replaceChildren(...(rows.length ? rows : [emptyRow(columns, none)]));
    this.#more.hidden = !this.#shown.cursor;
  }
}
