/** The order ticket: live quotes, one obstacle at a time, and an order that can't be sent twice. */

import { byId, element, setText } from "../lib/elements.js";
import { multiply } from "../lib/exact-amount.js";
import { amount, plainDecimal } from "../lib/format.js";
import { mayTrade, onAccountChange } from "../lib/session.js";
import { everySecond } from "../lib/ticker.js";
import { findLaunch, opening } from "../market/launches.js";
import { findToken } from "../market/tokens.js";
import { TYPE_NAMES } from "../orders/status-text.js";
import { FundsField } from "./funds-field.js";
import { ImpactNotice } from "./impact-notice.js";
import { LaunchPicker } from "./launch-picker.js";
import { OrderTerms } from "./order-terms.js";
import { QuoteFeed } from "./quote-feed.js";
import { showQuotesOf } from "./quote-panel.js";
import { ScenarioField } from "./scenario-field.js";
import { SlippageField } from "./slippage-field.js";
import { StopNotice } from "./stop-notice.js";
import { readFields } from "./ticket-fields.js";
import { whatHappens } from "./what-happens.js";

const LOCK_MS = 1200; // Longer than a double click, shorter than a second thought.
const HINTS = {
  market: "Swaps now, on the venue that pays most.",
  limit: "Waits for your price or a better one.",
  stop: "Sells when the price falls to your stop price.",
  sniper: "Buys a token the moment it launches.",
};

export class SubmitForm {
  #form = byId("ticket");
  #slippage = new SlippageField();
  #impact = new ImpactNotice();
  #scenario = new ScenarioField();
  #stop = new StopNotice();
  #feed = new QuoteFeed();
  #launches = new LaunchPicker((symbol) => this.#pickLaunch(symbol));
  #funds;
  #outbox;
  #onPair;
  #phase = "ready"; // ready, sending, placed
  #sent = null; // the order that the ticket waits for
  #pair = { in: byId("token-in").value, out: byId("token-out").value };

  /**
   * `money` tells what the account can spend; `onPair(tokenIn, tokenOut)` is called when the user
   * looks at another pair.
   */
  constructor(outbox, money, onPair) {
    this.#outbox = outbox;
    this.#funds = new FundsField(money, (picked) => this.#pickAmount(picked));
    money.addEventListener("change", () => this.#draw());
    this.#onPair = onPair;
    showQuotesOf(this.#feed);
    this.#feed.addEventListener("change", () => this.#draw());
    this.#form.addEventListener("input", (event) => this.#edited(event));
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    // Holding the key down would submit again and again.
    this.#form.addEventListener(
      "keydown",
      (event) => event.key === "Enter" && event.repeat && event.preventDefault(),
    );
    byId("flip").addEventListener("click", () => this.#flip());
    for (const name of ["online", "offline"]) addEventListener(name, () => this.#draw());
    onAccountChange(() => {
      this.#askForQuotes();
      this.#draw();
    });
    everySecond(() => this.#drawObstacle());
    this.#edited({ target: this.#form.elements.type });
  }

  get #terms() {
    return new OrderTerms(readFields(this.#form, this.#slippage.bps, this.#scenario.value));
  }

  #edited({ target }) {
    if (target === byId("token-in") || target === byId("token-out")) this.#keepDifferent(target);
    if (target.name === "slippage" && target.value === "custom") {
      this.#slippage.draw();
      this.#slippage.focusCustom();
    }
    if (target.name === "type" || target === this.#form.elements.type) this.#showFieldsOfType();
    if (this.#phase === "placed") this.#phase = "ready";
    this.#say("", "");
    this.#askForQuotes();
    this.#draw();
  }

  /** Choosing the token of the other side flips the pair. */
  #keepDifferent(target) {
    const [tokenIn, tokenOut] = [byId("token-in"), byId("token-out")];
    if (tokenIn.value === tokenOut.value) {
      if (target === tokenIn) tokenOut.value = this.#pair.in;
      else tokenIn.value = this.#pair.out;
    }
    this.#pair = { in: tokenIn.value, out: tokenOut.value };
    this.#onPair(tokenIn.value, tokenOut.value);
  }

  #flip() {
    const [tokenIn, tokenOut] = [byId("token-in"), byId("token-out")];
    [tokenIn.value, tokenOut.value] = [tokenOut.value, tokenIn.value];
    this.#pair = { in: tokenIn.value, out: tokenOut.value };
    this.#onPair(tokenIn.value, tokenOut.value);
    this.#edited({ target: byId("flip") });
  }

  #showFieldsOfType() {
    const { type } = this.#terms;
    for (const part of this.#form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for === "resting" ? type === "market" : part.dataset.for !== type;
    }
    const sniper = type === "sniper";
    byId("flip").hidden = sniper;
    byId("token-out").hidden = sniper;
    setText(byId("type-hint"), HINTS[type]);
    if (sniper) this.#launches.refresh();
  }

  #pickLaunch(symbol) {
    byId("snipe-token").value = symbol;
    this.#edited({ target: byId("snipe-token") });
    this.#launches.draw();
  }

  #pickAmount(picked) {
    byId("amount-in").value = picked;
    this.#edited({ target: byId("amount-in") });
  }

  #askForQuotes() {
    const { tokenIn, tokenOut, amountIn, slippageBps, type } = this.#terms;
    const token = findToken(tokenOut);
    const launch = findLaunch(tokenOut);
    const open = token && (launch ? Date.parse(launch.liveAt) <= Date.now() : token.launched);
    const ready =
      mayTrade() &&
      amountIn &&
      slippageBps !== null &&
      tokenIn !== tokenOut &&
      (type !== "sniper" || open);
    this.#feed.want(ready ? { tokenIn, tokenOut, amountIn, maxSlippageBps: slippageBps } : null);
  }

  #draw() {
    const { tokenIn, tokenOut } = this.#terms;
    this.#funds.draw(this.#terms);
    this.#slippage.draw();
    this.#scenario.draw();
    this.#impact.draw(this.#priceImpact());
    this.#stop.draw(this.#terms, this.#feed.answer);
    for (const unit of this.#form.querySelectorAll("[data-unit=price]"))
      setText(unit, `${tokenOut} per ${tokenIn}`);
    setText(byId("what-happens"), whatHappens(this.#terms, this.#feed));
    this.#drawAmountOut();
    this.#drawObstacle();
  }

  /** The impact as a fraction; null while quotes are being read. Resting orders have none yet. */
  #priceImpact() {
    if (this.#feed.state === "loading") return null;
    return this.#terms.type === "market" ? (this.#feed.answer?.best.priceImpact ?? 0) : 0;
  }

  #drawAmountOut() {
    const { type, amountIn, triggerPrice, tokenOut } = this.#terms;
    const output = byId("amount-out");
    const atLeast = type === "limit" && amountIn && triggerPrice;
    const value = atLeast ? multiply(amountIn, triggerPrice) : this.#feed.answer?.best.amountOut;
    setText(byId("amount-out-label"), atLeast ? "You receive, at least" : "You receive, about");
    const launch = type === "sniper" && findLaunch(tokenOut);
    output.dataset.empty = value == null;
    output.title = value == null ? "" : plainDecimal(value);
    output.className = value == null && launch ? "words" : "numeric";
    if (value != null) setText(output, amount(value));
    else if (launch) setText(output, `${tokenOut} ${opening(launch)}`);
    else setText(output, this.#feed.state === "loading" ? "…" : "0");
  }

  #obstacle() {
    if (!navigator.onLine) return { button: "You are offline" };
    if (!mayTrade()) return { field: "account-button", button: "Log in to trade" };
    const terms = this.#terms;
    return (
      terms.obstacle ?? this.#funds.obstacle(terms) ?? this.#impact.obstacle ?? this.#stop.obstacle
    );
  }

  /** Whether what the page shows is no offer any more. Resting orders don't trade on quotes. */
  get #quoteIsOld() {
    return this.#terms.type === "market" && this.#feed.old;
  }

  #drawObstacle() {
    const obstacle = this.#obstacle();
    for (const id of ["amount-in", "limit-price", "stop-price", "snipe-token", "min-liquidity"]) {
      const message = obstacle?.field === id ? (obstacle.message ?? "") : "";
      byId(id).ariaInvalid = String(Boolean(message));
      setText(byId(`${id}-error`), message);
    }
    const button = byId("submit");
    button.dataset.phase = this.#phase;
    button.ariaDisabled = String(Boolean(obstacle) || this.#phase !== "ready");
    const { type, tokenIn } = this.#terms;
    const swap = this.#quoteIsOld ? "Get a new quote" : `Swap ${tokenIn}`;
    const ready = type === "market" ? swap : `Place ${type} order`;
    const texts = {
      sending: "Placing order",
      placed: "Order placed",
      ready: obstacle?.button ?? ready,
    };
    setText(byId("submit-text"), texts[this.#phase]);
  }

  #submit(event) {
    event.preventDefault();
    if (this.#phase !== "ready") return;
    const obstacle = this.#obstacle();
    if (obstacle) return obstacle.field && byId(obstacle.field).focus();
    if (this.#quoteIsOld) return this.#feed.renew();
    this.#phase = "sending";
    this.#sent = this.#terms.toOrder();
    this.#draw();
    this.#outbox.submit(this.#sent);
  }

  /** The order did not get through yet. It is tried again by itself; the ticket is free. */
  waiting(order) {
    if (order !== this.#sent) return;
    this.#sent = null;
    this.#say("bad", "Not sent yet. The order waits in the list below, where it can be discarded.");
    this.#settle("ready");
  }

  /** The server has the order. */
  placed(orderId, order) {
    const link = element("a", { href: `/orders/${encodeURIComponent(orderId)}` }, "See each step");
    this.#say("good", `${TYPE_NAMES[order.type]} order placed. `, link);
    if (order !== this.#sent) return;
    this.#impact.reset();
    this.#stop.reset();
    this.#settle("placed");
    setTimeout(() => this.#phase === "placed" && this.#settle("ready"), LOCK_MS);
  }

  /** The server refused the order: nothing was stored. */
  refused(problem, order) {
    const reasons = Object.values(problem.errors).flat();
    this.#say(
      "bad",
      [problem.message, ...reasons.filter((reason) => reason !== problem.message)].join(" "),
    );
    if (order === this.#sent) this.#settle("ready");
    if (problem.status === 401) byId("account-button").focus();
  }

  /** Whether the server has the order is unknown. */
  unclear() {
    this.#say("bad", "No answer came. Look for the order in the list before you place it again.");
  }

  #settle(phase) {
    this.#phase = phase;
    this.#draw();
  }

  #say(kind, ...what) {
    const line = byId("submit-result");
    line.dataset.kind = kind;
    line.replaceChildren(...what);
  }
}
