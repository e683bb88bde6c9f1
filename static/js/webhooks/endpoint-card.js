/** The card of one endpoint: how it does, what can be done with it, its deliveries. */

import { ApiProblem } from "../lib/api.js";
import { element, setText } from "../lib/elements.js";
import { dateTime } from "../lib/format.js";
import { showProblem } from "../lib/toast.js";
import { DeliveryTable } from "./delivery-table.js";
import { pauseWebhook, resumeWebhook, rotateSecret, testWebhook } from "./webhook-api.js";
import { endpointState, testText, troubleText, wishText } from "./webhook-text.js";

export class EndpointCard {
  #endpoint;
  #deliveries;
  #chip = element("span", { className: "status-chip" });
  #wish = element("p", { className: "muted" });
  #trouble = element("p", { className: "webhook-trouble", hidden: true });
  #result = element("p", { className: "submit-result", role: "status" });
  #pause = button("Pause");
  #fold;

  /** `onSecret(endpoint)` gets an endpoint with its new secret, `onDelete(endpoint)` a wish. */
  constructor(endpoint, { onSecret, onDelete }) {
    this.#endpoint = endpoint;
    this.#deliveries = new DeliveryTable(endpoint);
    const [test, rotate, remove] = [button("Send a test"), button("New secret"), button("Delete")];
    remove.classList.add("danger");
    this.#pause.addEventListener("click", () => this.#do(this.#pause, () => this.#toggle()));
    test.addEventListener("click", () => this.#do(test, () => this.#test()));
    rotate.addEventListener("click", () =>
      this.#do(rotate, async () => onSecret(this.#take(await rotateSecret(endpoint.id)))),
    );
    remove.addEventListener("click", () => onDelete(this.#endpoint));
    this.#fold = element(
      "details",
      { className: "deliveries-fold" },
      element("summary", {}, "Deliveries"),
      this.#deliveries.node,
    );
    this.#fold.addEventListener("toggle", () => this.#fold.open && this.#readDeliveries());
    this.node = this.#build(endpoint, [test, this.#pause, rotate, remove]);
    this.update(endpoint);
  }

  /** Shows an endpoint as it is now; reads its deliveries if they are seen. */
  update(endpoint) {
    this.#take(endpoint);
    if (this.#fold.open) this.#readDeliveries();
  }

  #build({ id, url, createdAt }, buttons) {
    const title = element("h3", { id: `webhook-${id}`, className: "mono webhook-url" }, url);
    const made = element("time", { dateTime: createdAt }, dateTime(createdAt));
    return element(
      "section",
      { className: "panel webhook", attributes: { "aria-labelledby": `webhook-${id}` } },
      element("header", { className: "panel-header" }, title, this.#chip),
      element(
        "div",
        { className: "webhook-facts" },
        this.#wish,
        element("p", { className: "muted" }, "Made ", made),
      ),
      this.#trouble,
      element("div", { className: "webhook-actions" }, ...buttons),
      this.#result,
      this.#fold,
    );
  }

  #take(endpoint) {
    this.#endpoint = endpoint;
    const { look, text } = endpointState(endpoint, Date.now());
    this.#chip.dataset.look = look;
    setText(this.#chip, text);
    setText(this.#wish, wishText(endpoint));
    setText(this.#trouble, troubleText(endpoint));
    this.#trouble.hidden = !this.#trouble.textContent;
    setText(this.#pause, endpoint.status === "active" ? "Pause" : "Resume");
    return endpoint;
  }

  async #toggle() {
    const change = this.#endpoint.status === "active" ? pauseWebhook : resumeWebhook;
    this.update(await change(this.#endpoint.id));
  }

  async #test() {
    this.#say("", "Sending …");
    const outcome = await testWebhook(this.#endpoint.id);
    this.#say(outcome.delivered ? "good" : "bad", testText(outcome));
  }

  /** Does it once at a time, and says if it could not be done. */
  async #do(pressed, work) {
    if (pressed.disabled) return;
    pressed.disabled = true;
    this.#say("", "");
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.#say("bad", problem.message);
    } finally {
      pressed.disabled = false;
    }
  }

  #say(kind, text) {
    this.#result.dataset.kind = kind;
    setText(this.#result, text);
  }

  #readDeliveries() {
    return this.#deliveries.refresh(this.#endpoint).catch((problem) => {
      if (!(problem instanceof ApiProblem)) throw problem;
      showProblem("Deliveries could not be read", problem.message);
    });
  }
}

function button(text) {
  return element("button", { type: "button", className: "button small" }, text);
}
