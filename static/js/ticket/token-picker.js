/** The dialog in which a token is chosen: searched by symbol, name or mint, with what it costs. */

import { findTokens } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { debounce, whileVisible } from "../lib/ticker.js";
import { addTokens, allTokens } from "../market/tokens.js";
import { createTokenRow } from "./token-row.js";
import { searchTokens } from "./token-search.js";

const EVERY_MS = 5000;
const TYPING_PAUSE_MS = 200;

export class TokenPicker {
  #dialog = byId("token-picker");
  #search = byId("token-search");
  #box = byId("token-rows");
  #rows = new Map(); // symbol -> row
  #current = "";
  #onPick = null;
  #poll = whileVisible(EVERY_MS, () => this.#dialog.open && this.#readPrices());

  constructor() {
    const searchSoon = debounce(TYPING_PAUSE_MS, this.#poll);
    this.#search.addEventListener("input", () => {
      this.#draw();
      searchSoon();
    });
    byId("token-picker-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("keydown", (event) => this.#move(event));
    this.#dialog.addEventListener("click", (event) => this.#closeFromBeside(event));
  }

  /** Asks for a token; `title` says what for. `onPick(symbol)` gets the one that is chosen. */
  open(title, current, onPick) {
    this.#current = current;
    this.#onPick = onPick;
    setText(byId("token-picker-title"), title);
    this.#search.value = "";
    this.#draw();
    this.#dialog.showModal();
    this.#search.focus();
    this.#box.scrollTop = 0;
    this.#poll();
  }

  #draw() {
    const found = searchTokens(allTokens(), this.#search.value);
    const rows = found.map((token) => this.#row(token));
    const nodes = rows.map(({ node }) => node);
    const drawn = [...this.#box.children];
    if (nodes.length !== drawn.length || nodes.some((node, index) => node !== drawn[index]))
      this.#box.replaceChildren(...nodes);
    for (const { choice } of rows)
      choice.ariaCurrent = choice.dataset.symbol === this.#current ? "true" : null;
    const count = `${found.length} token${found.length === 1 ? "" : "s"}, change in 24 hours`;
    setText(byId("token-count"), found.length ? count : "No token is called that");
  }

  #row(token) {
    if (!this.#rows.has(token.symbol)) {
      this.#rows.set(
        token.symbol,
        createTokenRow(token, () => this.#pick(token.symbol)),
      );
    }
    return this.#rows.get(token.symbol);
  }

  #pick(symbol) {
    this.#dialog.close();
    this.#onPick(symbol);
  }

  async #readPrices() {
    const answer = await findTokens({ q: this.#search.value.trim() }).catch(() => null);
    if (!answer) return;
    addTokens(answer.tokens.map((token) => ({ ...token, launched: token.priceUsd !== null })));
    this.#draw();
    for (const token of answer.tokens) this.#rows.get(token.symbol)?.show(token);
  }

  /** A click on the backdrop is one on the dialog itself, outside of its box. */
  #closeFromBeside({ target, clientX, clientY }) {
    const { left, right, top, bottom } = this.#dialog.getBoundingClientRect();
    const inside = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    if (target === this.#dialog && !inside) this.#dialog.close();
  }

  /** Arrow keys go through the tokens, from the search and back; Enter takes the first one. */
  #move(event) {
    const choices = [...this.#box.querySelectorAll(".token-choice")];
    if (event.target === this.#search && event.key === "Enter") {
      event.preventDefault();
      return choices[0]?.click();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const row = event.target.closest(".token-row")?.querySelector(".token-choice");
    const next = choices.indexOf(row) + step; // The search stands before the first one.
    (next < 0 ? this.#search : choices[Math.min(next, choices.length - 1)])?.focus();
  }
}
