/** The order ticket: live quotes, one obstacle at a time, and an order that can't be sent twice. */

import { byId, element, setText } from "../lib/elements.js";
import { onInvert } from "../lib/price-direction.js";
import { mayTrade, onAccountChange, sessionHasEnded } from "../lib/session.js";
import { everySecond } from "../lib/ticker.js";
import { findLaunch } from "../market/launches.js";
import { findToken } from "../market/tokens.js";
import { TYPE_NAMES } from "../orders/status-text.js";
import { watchedPrice } from "../orders/trigger-distance.js";
import { drawAmountOut } from "./amount-out.js";
import { FundsField } from "./funds-field.js";
import { ImpactNotice } from "./impact-notice.js";
import { LaunchPicker } from "./launch-picker.js";
import { OrderTerms } from "./order-terms.js";
import { PairField } from "./pair-field.js";
import { rounded } from "./price-entry.js";
import { PriceFeed } from "./price-feed.js";
import { PriceField } from "./price-field.js";
import { QuoteFeed, quoteObstacle } from "./quote-feed.js";
import { showQuotesOf } from "./quote-panel.js";
import { ScenarioField } from "./scenario-field.js";
import { SlippageField } from "./slippage-field.js";
import { StopNotice } from "./stop-notice.js";
import { readFields } from "./ticket-fields.js";
import { drawUsdValues } from "./usd-values.js";
import { whatHappens } from "./what-happens.js";

const LOCK_MS = 1200; // Longer than a double click, shorter than a second thought.
const HINTS = {
  market: "Swaps now, on the venue that pays most.",
  limit: "Waits for your price or a better one.",
  stop: "Sells once the price gets to your stop.",
  sniper: "Buys a token the moment it launches.",
};

/** Fields that say what is wrong with them; not every service has all. */
const CHECKED = [
  "amount-in",
  "limit-price",
  "stop-price",
  "snipe-token",
  "min-liquidity",
  "scenario-number",
];
const PRICE_TITLES = { limit: "New limit", stop: "New stop" };

export class SubmitForm {
  #form = byId("ticket");
  #slippage = new SlippageField();
  #impact = new ImpactNotice();
  #scenario = new ScenarioField();
  #stop = new StopNotice();
  #feed = new QuoteFeed();
  #prices = new PriceFeed();
  #launches = new LaunchPicker((symbol) => this.#pickLaunch(symbol));
  #price = new PriceField(() => this.#edited());
  #pair = new PairField((pair) => this.#pairChanged(pair));
  #funds;
  #outbox;
  #chart;
  #phase = "ready"; // ready, sending, placed
  #sent = null; // the order that the ticket waits for

  /**
   * `money` tells what the account can spend. `chart` is told what to draw: `show(pair)` the pair
   * that the user looks at, `drawTicket(line)` the price in the ticket.
   */
  constructor(outbox, money, chart) {
    this.#outbox = outbox;
    this.#chart = chart;
    this.#funds = new FundsField(money, (picked) => this.#pickAmount(picked));
    money.addEventListener("change", () => this.#draw());
    showQuotesOf(this.#feed, this.#prices);
    this.#feed.addEventListener("change", () => this.#draw());
    this.#prices.addEventListener("change", () => this.#draw());
    this.#form.addEventListener("input", ({ target }) => this.#edited(target));
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    // Holding the key down would submit again and again.
    this.#form.addEventListener(
      "keydown",
      (event) => event.key === "Enter" && event.repeat && event.preventDefault(),
    );
    for (const name of ["online", "offline"]) addEventListener(name, () => this.#draw());
    onAccountChange(() => {
      this.#askForQuotes();
      this.#draw();
    });
    onInvert(() => this.#draw());
    everySecond(() => this.#drawObstacle());
    this.#showFieldsOfType();
    this.#edited();
  }

  /** Takes the price that the chart's line was dragged to, as it would be typed. */
  dragPrice(price) {
    const { type } = this.#terms;
    if (type in PRICE_TITLES) this.#price.pick(type, rounded(price));
  }

  /** Takes what a link asks for, and names what of it could not be used. */
  fill({ fields, ignored }) {
    const { type, amountIn = "", minLiquidity = "", maxSlippageBps } = fields;
    this.#form.elements.type.value = type;
    byId("amount-in").value = amountIn;
    byId("min-liquidity").value = minLiquidity;
    if (maxSlippageBps !== undefined) this.#slippage.set(maxSlippageBps);
    this.#showFieldsOfType();
    const { tokenIn, tokenOut } = fields;
    if (type === "sniper") byId("snipe-token").value = tokenOut ?? "";
    this.#pair.set(type === "sniper" ? { tokenIn } : { tokenIn, tokenOut });
    this.#price.set(type, fields.limitPrice ?? fields.stopPrice ?? null);
    this.#edited();
    if (ignored.length)
      this.#say("bad", `Not usable in the link, so left out: ${ignored.join(", ")}.`);
  }

  get #terms() {
    return new OrderTerms(
      readFields(this.#form, {
        slippage: this.#slippage,
        scenario: this.#scenario,
        price: this.#price,
      }),
    );
  }

  #edited(target = null) {
    if (target?.name === "slippage" && target.value === "custom") {
      this.#slippage.draw();
      this.#slippage.focusCustom();
    }
    if (target?.name === "type") this.#showFieldsOfType();
    if (this.#phase === "placed") this.#phase = "ready";
    this.#say("", "");
    this.#askForQuotes();
    this.#draw();
  }

  #pairChanged(pair) {
    this.#chart.show(pair);
    this.#edited();
  }

  #showFieldsOfType() {
    const { type } = this.#terms;
    for (const part of this.#form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for === "resting" ? type === "market" : part.dataset.for !== type;
    }
    const sniper = type === "sniper";
    byId("flip").hidden = sniper;
    byId("token-out-button").hidden = sniper;
    setText(byId("type-hint"), HINTS[type]);
    if (sniper) this.#launches.refresh();
  }

  #pickLaunch(symbol) {
    byId("snipe-token").value = symbol;
    this.#edited();
    this.#launches.draw();
  }

  #pickAmount(picked) {
    byId("amount-in").value = picked;
    this.#edited();
  }

  #askForQuotes() {
    const { tokenIn, tokenOut, amountIn, slippageBps, type } = this.#terms;
    const token = findToken(tokenOut);
    const launch = findLaunch(tokenOut);
    const open = token && (launch ? Date.parse(launch.liveAt) <= Date.now() : token.launched);
    const tradable = mayTrade() && tokenIn !== tokenOut && (type !== "sniper" || open);
    this.#prices.want(tradable ? { tokenIn, tokenOut } : null);
    const ready = tradable && amountIn && slippageBps !== null;
    this.#feed.want(ready ? { tokenIn, tokenOut, amountIn, maxSlippageBps: slippageBps } : null);
  }

  #draw() {
    this.#price.settle(this.#terms, this.#market());
    const terms = this.#terms;
    this.#funds.draw(terms);
    this.#slippage.draw();
    this.#scenario.draw();
    this.#impact.draw(this.#priceImpact());
    this.#stop.draw(terms, this.#feed.answer);
    setText(byId("what-happens"), whatHappens(terms, this.#feed));
    const amountOut = drawAmountOut(terms, this.#feed);
    drawUsdValues({ amountIn: terms.amountIn, amountOut }, this.#prices.answer);
    this.#chart.drawTicket({
      type: terms.type,
      title: PRICE_TITLES[terms.type] ?? "",
      price: terms.triggerPrice,
    });
    this.#drawObstacle();
  }

  /** Where orders of the ticket's type see the market, for `PriceField`. */
  #market() {
    const { type, amountIn } = this.#terms;
    const { answer } = this.#feed;
    if (answer) return { price: watchedPrice(type, answer), amountIn };
    const prices = this.#prices.answer;
    return prices && { price: type === "stop" ? prices.spot : prices.net, amountIn: null };
  }

  /** The impact as a fraction; null while quotes are being read. Resting orders have none yet. */
  #priceImpact() {
    if (this.#feed.state === "loading") return null;
    return this.#terms.type === "market" ? (this.#feed.answer?.best.priceImpact ?? 0) : 0;
  }

  #obstacle() {
    if (!navigator.onLine) return { button: "You are offline" };
    if (!mayTrade()) return { field: loginButton(), button: "Log in to trade" };
    const terms = this.#terms;
    return (
      terms.obstacle ??
      quoteObstacle(terms, this.#feed) ??
      this.#scenario.obstacle ??
      this.#funds.obstacle(terms) ??
      this.#impact.obstacle ??
      this.#stop.obstacle
    );
  }

  /** Whether what the page shows is no offer any more. Resting orders don't trade on quotes. */
  get #quoteIsOld() {
    return this.#terms.type === "market" && this.#feed.old;
  }

  #drawObstacle() {
    const obstacle = this.#obstacle();
    for (const id of CHECKED.filter(byId)) {
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
    if (problem.status === 401) byId(loginButton()).focus();
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

/** Where to log in: the notice of a session that has ended also offers to go on without. */
function loginButton() {
  return sessionHasEnded() ? "session-login" : "account-button";
}
