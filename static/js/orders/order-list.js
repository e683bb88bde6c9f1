/** The list of orders. Cards stay in place while they change; older ones load page by page. */

import { readOrder } from "../lib/api.js";
import { byId, element } from "../lib/elements.js";
import { onInvert } from "../lib/price-direction.js";
import { mayTrade } from "../lib/session.js";
import { everySecond } from "../lib/ticker.js";
import { keepPlace, readPlace } from "./list-place.js";
import { createOrderCard } from "./order-card.js";
import { OrderFilters } from "./order-filters.js";
import { OrderPages, PAGE } from "./order-pages.js";
import { isCancellable, isTerminal, newestFirst } from "./order-state.js";

const MAX_CARDS = 400;
const FRAME_BUDGET_MS = 6;

export class OrderList {
  #store;
  #cards = new Map(); // orderId -> {node, update, tick, showDistance}
  #dirty = new Set();
  #frame = null;
  #pages = null;
  #reading = 0;
  #turn = Promise.resolve();
  #failed = false;
  #box = byId("order-cards");
  #filters = new OrderFilters(() => this.reload());

  #groups;
  #offers;

  /** `groups` tells which orders belong together; `offers` are what cards offer beside "Cancel". */
  constructor(store, groups, offers = []) {
    this.#store = store;
    this.#groups = groups;
    this.#offers = offers;
    groups.addEventListener("change", ({ detail: { members } }) => this.#showGroup(members));
    store.addEventListener("change", ({ detail: { order, live } }) => this.#changed(order, live));
    store.addEventListener("stale", () => this.#inTurn(() => this.#refresh()));
    byId("load-more").addEventListener("click", () => this.#inTurn(() => this.#loadMore()));
    byId("clear-finished").addEventListener("click", () => this.#clearFinished());
    onInvert(() => {
      for (const [id, card] of this.#cards) card.update(this.#store.get(id));
    });
    everySecond((now) => {
      for (const card of this.#cards.values()) card.tick(now);
    });
    keepPlace(() => this.#cards.size);
    this.#reopen(readPlace());
  }

  /** The orders that are shown. */
  shown() {
    return [...this.#cards.keys()].map((id) => this.#store.get(id)).filter(Boolean);
  }

  /** Type and tokens that the filters name, as the API's parameters, and the status, if one is. */
  get parameters() {
    const { statuses, parameters } = this.#filters;
    return { ...parameters, status: statuses.length === 1 ? statuses[0] : "" };
  }

  showDistance(orderId, distance) {
    this.#cards.get(orderId)?.showDistance(distance);
  }

  /** Opens the list, for who comes back to it where it was left. */
  async #reopen(place) {
    if (!place) return this.reload();
    await this.reload(Math.min(MAX_CARDS, Math.max(PAGE, place.cards)));
    scrollTo(0, place.top);
  }

  /** Starts over: another view, other filters, another account. Reads `count` orders at first. */
  async reload(count = PAGE) {
    this.#cards.clear();
    this.#dirty.clear();
    this.#box.replaceChildren(...skeletons());
    byId("orders-empty").hidden = true;
    this.#pages = this.#newPages();
    this.#turn = this.#readMore(count);
    await this.#turn;
  }

  /** Reads one after the other: a page asked for while the list is read again would be lost. */
  #inTurn(read) {
    this.#turn = this.#turn.then(read, read);
  }

  #newPages() {
    return new OrderPages(this.#filters.statuses, this.#filters.parameters);
  }

  async #readMore(count) {
    const pages = this.#pages;
    const mine = ++this.#reading;
    this.#box.ariaBusy = "true";
    try {
      const records = await pages.more(count);
      if (pages !== this.#pages) return;
      this.#failed = false;
      for (const record of records) this.#place(this.#store.put(record), false);
    } catch (error) {
      if (pages !== this.#pages) return;
      this.#failed = error.message;
    }
    if (mine !== this.#reading) return;
    this.#box.ariaBusy = "false";
    this.#showEnd();
  }

  /** After a failure, brings what is shown up to date first. */
  async #loadMore() {
    if (this.#failed) await this.#refresh();
    if (!this.#failed) await this.#readMore();
  }

  /** After an outage: reads again what is shown, then each order that has left the view. */
  async #refresh() {
    const [before, again] = [this.#pages, this.#newPages()];
    this.#pages = again;
    await this.#readMore(Math.max(PAGE, this.#cards.size));
    if (this.#pages !== again) return;
    if (this.#failed) {
      this.#pages = before;
      return;
    }
    const left = this.shown().filter((order) => !isTerminal(order) && !this.#seenSince(order));
    for (const order of left)
      await readOrder(order.orderId)
        .then((record) => this.#store.put(record))
        .catch(() => null);
  }

  #seenSince(order) {
    return this.#cards.get(order.orderId)?.readAs === this.#pages;
  }

  /** The active view keeps orders that were placed while the user watches, even ended ones. */
  #belongs(order, live) {
    if (live && this.#filters.view === "active" && !this.#filters.narrowed) return true;
    return this.#filters.matches(order) && this.#withinLoaded(order);
  }

  #changed(order, live) {
    if (!this.#cards.has(order.orderId) && !this.#belongs(order, live)) return;
    this.#dirty.add(order.orderId);
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  /** Draws what changed, for a few milliseconds a frame, so that a burst never blocks the page. */
  #draw() {
    const until = performance.now() + FRAME_BUDGET_MS;
    for (const id of this.#dirty) {
      this.#dirty.delete(id);
      const order = this.#store.get(id);
      if (order && this.#cards.has(id)) this.#cards.get(id).update(order);
      else if (order) this.#place(order, true);
      if (performance.now() > until) break;
    }
    this.#frame = this.#dirty.size ? requestAnimationFrame(() => this.#draw()) : null;
    this.#showEnd();
  }

  /** Whether the order is among the pages read so far: an older one comes with a later page. */
  #withinLoaded(order) {
    const last = this.#store.get(this.#box.lastElementChild?.dataset.orderId);
    return !last || this.#pages.ended || newestFirst(order, last) < 0;
  }

  #place(order, fresh) {
    const known = this.#cards.get(order.orderId);
    if (known) known.readAs = this.#pages;
    if (known || !this.#filters.matchesTerms(order)) return;
    const card = createOrderCard(order, {
      fresh,
      offers: this.#offers,
      onRecord: (record) => this.#store.put(record),
    });
    card.readAs = this.#pages;
    if (!this.#cards.size) this.#box.replaceChildren();
    this.#cards.set(order.orderId, card);
    if (order.ocoGroup) card.showGroup(this.#groups.membersOf(order));
    this.#insert(card.node, order);
    if (this.#cards.size > MAX_CARDS) this.#dropOldestFinished();
  }

  #showGroup(members) {
    for (const { orderId } of members) this.#cards.get(orderId)?.showGroup(members);
  }

  #insert(node, order) {
    const follows = (other) =>
      newestFirst(order, this.#store.get(other.dataset.orderId) ?? order) < 0;
    const last = this.#box.lastElementChild;
    if (last && !follows(last)) return this.#box.append(node);
    for (const other of this.#box.children) if (follows(other)) return other.before(node);
    this.#box.append(node);
  }

  #dropOldestFinished() {
    const nodes = [...this.#box.children].reverse();
    const oldest = nodes.find((node) => isTerminal(this.#store.get(node.dataset.orderId)));
    if (oldest) this.#drop(oldest);
  }

  #clearFinished() {
    for (const node of [...this.#box.children]) {
      if (!this.#filters.matches(this.#store.get(node.dataset.orderId))) this.#drop(node);
    }
    this.#showEnd();
    byId("order-panel").focus({ preventScroll: true });
  }

  #drop(node) {
    this.#cards.delete(node.dataset.orderId);
    node.remove();
  }

  #showEnd() {
    const { statuses } = this.#filters;
    byId("load-more").hidden = this.#failed || this.#pages.ended;
    byId("cancel-all").hidden = !this.shown().some(isCancellable);
    byId("history-table").hidden = this.#filters.view !== "history";
    byId("clear-finished").hidden = !this.shown().some(
      (order) => isTerminal(order) && !statuses.includes(order.status),
    );
    const empty = byId("orders-empty");
    empty.hidden = this.#cards.size > 0 && !this.#failed;
    if (!this.#cards.size) this.#box.replaceChildren();
    if (!empty.hidden) empty.replaceChildren(...this.#emptyState());
  }

  #emptyState() {
    if (!mayTrade())
      return [
        element("h3", {}, "Log in to see your orders"),
        this.#button("Log in", () => byId("account-button").click()),
      ];
    if (this.#failed)
      return [
        element("h3", {}, "The orders could not be read"),
        element("p", {}, this.#failed),
        this.#button("Try again", () => this.reload()),
      ];
    if (this.#filters.narrowed)
      return [
        element("h3", {}, "No order matches these filters"),
        this.#button("Clear filters", () => this.#filters.clear()),
      ];
    const [title, text] = NONE_YET[this.#filters.view];
    return [element("h3", {}, title), element("p", {}, text)];
  }

  #button(text, onClick) {
    const button = element("button", { type: "button", className: "button" }, text);
    button.addEventListener("click", onClick);
    return button;
  }
}

const NONE_YET = {
  active: ["No active orders", "Place one and watch each step of it here."],
  resting: [
    "No resting orders",
    "Limit, stop and sniper orders wait here until their condition is met.",
  ],
  history: [
    "No finished orders yet",
    "Orders move here once they are confirmed, failed, cancelled or expired.",
  ],
};

function skeletons() {
  return [1, 2].map(() =>
    element(
      "li",
      { className: "order-card loading", attributes: { "aria-hidden": "true" } },
      element("span", { className: "skeleton line wide" }),
      element("span", { className: "skeleton line" }),
      element("span", { className: "skeleton line steps" }),
    ),
  );
}
