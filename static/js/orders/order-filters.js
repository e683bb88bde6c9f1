/** The view and the filters of the list, kept in the page's address, so that a reload keeps them. */

import { byId, element } from "../lib/elements.js";
import { tokenName } from "../market/tokens.js";
import { VIEWS } from "./order-state.js";
import { LABELS } from "./status-text.js";

const FIELDS = ["status", "type", "tokenIn", "tokenOut"];

/** Calls `onChange` whenever the user picks another view or filter. */
export class OrderFilters {
  #onChange;
  #form = byId("filters");
  #tabs = [...document.querySelectorAll("#order-tabs [role=tab]")];

  constructor(onChange) {
    this.#onChange = onChange;
    this.#readAddress();
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => this.#changed());
    byId("clear-filters").addEventListener("click", () => this.clear());
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.show(tab.dataset.view));
    byId("order-tabs").addEventListener("keydown", (event) => this.#moveBetweenTabs(event));
    addEventListener("popstate", () => {
      this.#readAddress();
      this.#onChange();
    });
  }

  get view() {
    return this.#tabs.find((tab) => tab.ariaSelected === "true").dataset.view;
  }

  get statuses() {
    return this.#value("status") ? [this.#value("status")] : VIEWS[this.view];
  }

  /** Type and tokens, as the API's parameters. */
  get parameters() {
    return Object.fromEntries(FIELDS.slice(1).map((name) => [name, this.#value(name)]));
  }

  get narrowed() {
    return FIELDS.some((name) => this.#value(name));
  }

  matches(order) {
    return this.statuses.includes(order.status) && this.matchesTerms(order);
  }

  matchesTerms(order) {
    const named = {
      type: order.type,
      tokenIn: tokenName(order.tokenIn),
      tokenOut: tokenName(order.tokenOut),
    };
    return Object.entries(this.parameters).every(
      ([name, value]) => !value || named[name] === value,
    );
  }

  show(view) {
    this.#select(view);
    this.#changed();
  }

  clear() {
    for (const name of FIELDS) this.#form.elements[name].value = "";
    this.#changed();
  }

  #value(name) {
    return this.#form.elements[name].value;
  }

  #changed() {
    const address = new URL(location.href);
    address.searchParams.set("view", this.view);
    for (const name of FIELDS) {
      if (this.#value(name)) address.searchParams.set(name, this.#value(name));
      else address.searchParams.delete(name);
    }
    history.pushState(null, "", address);
    byId("clear-filters").hidden = !this.narrowed;
    this.#onChange();
  }

  #readAddress() {
    const given = new URLSearchParams(location.search);
    const view = given.get("view");
    // Without a view, the address fills the ticket.
    const wanted = view === null ? new URLSearchParams() : given;
    this.#select(view in VIEWS ? view : "active");
    for (const name of FIELDS) {
      const field = this.#form.elements[name];
      const known = [...field.options].some((option) => option.value === wanted.get(name));
      field.value = known ? wanted.get(name) : "";
    }
    byId("clear-filters").hidden = !this.narrowed;
  }

  #select(view) {
    for (const tab of this.#tabs) {
      const chosen = tab.dataset.view === view;
      tab.ariaSelected = String(chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) byId("order-panel").setAttribute("aria-labelledby", tab.id);
    }
    const field = this.#form.elements.status;
    const kept = VIEWS[view].includes(field.value) ? field.value : "";
    const options = VIEWS[view].map((status) =>
      element("option", { value: status }, LABELS[status]),
    );
    field.replaceChildren(element("option", { value: "" }, "Any"), ...options);
    field.value = kept;
  }

  #moveBetweenTabs(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.#tabs.findIndex((tab) => tab.dataset.view === this.view);
    const next = this.#tabs[(at + step + this.#tabs.length) % this.#tabs.length];
    this.show(next.dataset.view);
    next.focus();
  }
}
