/** The deliveries of one endpoint: what was sent and what waits, newest first, page by page. */

import { ApiProblem } from "../lib/api.js";
import { element, setText } from "../lib/elements.js";
import { dateTime, shortId } from "../lib/format.js";
import { showProblem } from "../lib/toast.js";
import { listDeliveries, sendAgain } from "./webhook-api.js";
import { deliveryState, mergePages, whenText } from "./webhook-text.js";

const PAGE = 20;
const HEADS = ["Event", "State", "Answer", "Attempts", "Time", ""];

export class DeliveryTable {
  #endpoint;
  #deliveries = [];
  #cursor = null;
  #rows = new Map();
  #body = element("tbody");
  #empty = element("p", { className: "muted", hidden: true }, "Nothing was sent yet.");
  #more = element(
    "button",
    { type: "button", className: "button small", hidden: true },
    "Load more",
  );

  constructor(endpoint) {
    this.#endpoint = endpoint;
    const heads = HEADS.map((text) =>
      element(
        "th",
        { scope: "col" },
        text || element("span", { className: "visually-hidden" }, "Action"),
      ),
    );
    this.table = element(
      "table",
      { className: "holdings deliveries", hidden: true },
      element("caption", { className: "visually-hidden" }, `Deliveries to ${endpoint.url}`),
      element("thead", {}, element("tr", {}, ...heads)),
      this.#body,
    );
    this.node = element("div", {}, this.table, this.#empty, this.#more);
    this.#more.addEventListener("click", () => this.#readOlder());
  }

  /** Reads the newest page again and keeps what older pages showed. */
  async refresh(endpoint) {
    this.#endpoint = endpoint;
    const page = await listDeliveries(endpoint.id, { limit: PAGE });
    this.#deliveries = mergePages(page.deliveries, this.#deliveries);
    if (this.#deliveries.length === page.deliveries.length) this.#cursor = page.nextCursor;
    this.#draw();
  }

  async #readOlder() {
    this.#more.disabled = true;
    const page = await listDeliveries(this.#endpoint.id, {
      limit: PAGE,
      cursor: this.#cursor,
    }).catch(() => null);
    this.#more.disabled = false;
    if (!page) return;
    this.#deliveries.push(...page.deliveries);
    this.#cursor = page.nextCursor;
    this.#draw();
  }

  /** Rows that stay are updated where they are: a button keeps the focus. */
  #draw() {
    const now = Date.now();
    const known = this.#rows;
    this.#rows = new Map();
    for (const delivery of this.#deliveries) {
      const row =
        known.get(delivery.id) ?? createRow(delivery, (button) => this.#again(delivery.id, button));
      updateRow(row, delivery, this.#endpoint.status, now);
      this.#rows.set(delivery.id, row);
    }
    const rows = [...this.#rows.values()].map(({ node }) => node);
    if (rows.some((row, place) => this.#body.children[place] !== row)) {
      this.#body.replaceChildren(...rows);
    }
    this.table.hidden = !rows.length;
    this.#empty.hidden = rows.length > 0;
    this.#more.hidden = !this.#cursor;
  }

  async #again(id, button) {
    if (button.disabled) return;
    button.disabled = true;
    try {
      await sendAgain(this.#endpoint.id, id);
      await this.refresh(this.#endpoint);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      showProblem("Not sent again", problem.message);
    } finally {
      button.disabled = false;
    }
  }
}

function createRow(delivery, onAgain) {
  const { orderId, sequence } = delivery;
  const event = `order ${shortId(orderId)}, event ${sequence}`;
  const cells = {
    state: element("span", { className: "status-chip" }),
    answer: element("span"),
    attempts: element("span"),
    time: element("time"),
  };
  const again = element(
    "button",
    {
      type: "button",
      className: "button small quiet",
      attributes: { "aria-label": `Send again: ${event}` },
    },
    "Send again",
  );
  again.addEventListener("click", () => onAgain(again));
  const link = element(
    "a",
    { href: `/orders/${encodeURIComponent(orderId)}`, title: delivery.messageId },
    `…${shortId(orderId)}`,
  );
  const node = element(
    "tr",
    {},
    element("th", { scope: "row" }, link, ` : ${sequence}`),
    cell("State", cells.state),
    cell("Answer", cells.answer),
    cell("Attempts", cells.attempts),
    cell("Time", cells.time),
    element("td", { className: "row-action" }, again),
  );
  return { node, ...cells };
}

function updateRow({ state, answer, attempts, time }, delivery, endpointStatus, now) {
  const { look, text } = deliveryState(delivery, endpointStatus, now);
  state.dataset.look = look;
  setText(state, text);
  setText(answer, answerText(delivery));
  setText(attempts, String(delivery.attempts));
  time.dateTime = delivery.deliveredAt ?? delivery.createdAt;
  time.title = dateTime(time.dateTime);
  setText(time, whenText(delivery, now));
}

function answerText({ responseStatus, error }) {
  if (error) return error;
  return responseStatus === null ? "–" : String(responseStatus);
}

function cell(label, content) {
  return element("td", { dataset: { label } }, content);
}
