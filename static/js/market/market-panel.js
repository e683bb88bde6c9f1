/** The market panel: the chart of the ticket's pair, its last price, triggers and fills. */

import { readCandles } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { amount } from "../lib/format.js";
import { live } from "../lib/live.js";
import {
  directionOf,
  invertPair,
  onInvert,
  priceText,
  shownPrice,
} from "../lib/price-direction.js";
import { debounce, whileVisible } from "../lib/ticker.js";
import { CancelDialog } from "./cancel-dialog.js";
import { CandleStream } from "./candle-stream.js";
import {
  INTERVALS_S,
  isOutdated,
  mergeCandles,
  priceSummary,
  readFrom,
  turnCandles,
} from "./candles.js";
import { createPriceChart } from "./chart.js";
import { fillMarks, triggerMarks } from "./chart-marks.js";
import { ChartOverlay } from "./chart-overlay.js";
import { PriceSwitch } from "./price-switch.js";
import { RecentFills } from "./recent-fills.js";
import { tokenName } from "./tokens.js";

const EVERY_MS = 3000;
const MARK_DELAY_MS = 200;

export class MarketPanel {
  #store;
  #chart = null;
  #overlay = null;
  #chartAsked = createPriceChart(byId("chart"));
  #cancel;
  #switch = new PriceSwitch(() => this.#restart());
  #pair = { tokenIn: byId("token-in").value, tokenOut: byId("token-out").value };
  #candles = [];
  #shownFor = null;
  #marked = "";
  #ticket = null;
  #ticketDrawn = "";
  #read;
  #fills;
  #stream = new CandleStream(live, (candles) => this.#takeStreamed(candles));

  /** `onDrag(price)` is called while the ticket's line is dragged, with the price shown. */
  constructor(store, onDrag) {
    this.#store = store;
    this.#fills = new RecentFills(store, live);
    this.#cancel = new CancelDialog((record) => store.put(record));
    this.#chartAsked.then(
      (chart) => {
        this.#chart = chart;
        const onCancel = (orderId) => this.#askToCancel(orderId);
        this.#overlay = new ChartOverlay(chart, { onDrag, onCancel });
      },
      () => this.#say("The chart could not be loaded."),
    );
    byId("market-interval").addEventListener("change", () => this.#restart());
    byId("market-invert").addEventListener("click", () =>
      invertPair(this.#pair.tokenIn, this.#pair.tokenOut),
    );
    onInvert(() => this.#restart());
    store.addEventListener(
      "change",
      debounce(MARK_DELAY_MS, () => this.#mark()),
    );
    this.#drawTitle();
    this.#fills.follow(this.#pair);
    this.#read = whileVisible(EVERY_MS, () => this.#poll());
    live.addEventListener("connected", () => this.#read());
    document.addEventListener("visibilitychange", () => document.hidden && this.#stream.stop());
  }

  /** Shows this pair: {tokenIn, tokenOut}. */
  show(pair) {
    this.#pair = pair;
    this.#fills.follow(pair);
    this.#restart();
  }

  /** The price in the ticket, tokenOut per tokenIn: {type, title, price}; null for none. */
  drawTicket(ticket) {
    this.#ticket = ticket;
    this.#switch.follow(ticket.type);
    this.#drawTicketLine();
  }

  #restart() {
    this.#candles = [];
    this.#drawTitle();
    this.#read();
  }

  get #direction() {
    return directionOf(this.#pair.tokenIn, this.#pair.tokenOut);
  }

  #drawTitle() {
    const { base, quote } = this.#direction;
    setText(byId("market-pair"), `${base} / ${quote}`);
    byId("market-invert").setAttribute("aria-label", `Show prices as ${base} per ${quote}`);
  }

  get #interval() {
    return byId("market-interval").querySelector(":checked").value;
  }

  /** What the chart should show, as text to compare. */
  get #wanted() {
    return JSON.stringify([this.#pair, this.#interval, this.#switch.kind, this.#direction]);
  }

  /** Has all candles at first; then the stream brings the last two, or else they are read. */
  async #poll() {
    const wanted = this.#wanted;
    const known = wanted === this.#shownFor ? this.#candles : [];
    const chart = { ...this.#pair, interval: this.#interval, priceKind: this.#switch.kind };
    let candles;
    try {
      candles = (await this.#stream.follow(chart, !known.length)) ?? (await readOn(chart, known));
    } catch (problem) {
      return this.#candles.length || this.#say(problem.message);
    }
    if (wanted !== this.#wanted) return this.#poll();
    if (!candles.length) return known.length || this.#say("There is no price for this pair yet.");
    await this.#chartAsked.catch(() => null);
    this.#take(turnCandles(candles, this.#direction), wanted);
  }

  /** Takes the last candles of the chart that is shown. */
  #takeStreamed(candles) {
    if (this.#shownFor !== this.#wanted || !this.#candles.length) return;
    this.#take(turnCandles(candles, this.#direction), this.#shownFor);
  }

  #take(candles, wanted) {
    if (wanted === this.#shownFor && this.#candles.length) {
      if (isOutdated(this.#candles, candles)) return;
      this.#candles = mergeCandles(this.#candles, candles);
      this.#chart?.extend(candles);
    } else {
      this.#candles = candles;
      this.#shownFor = wanted;
      this.#marked = "";
      this.#ticketDrawn = "";
      this.#chart?.show(candles);
    }
    if (this.#chart) this.#say("");
    this.#drawPrice();
    this.#mark();
    this.#drawTicketLine();
  }

  #drawPrice() {
    const { base, quote } = this.#direction;
    const { last, change, direction, spoken } = priceSummary(
      this.#candles,
      INTERVALS_S[this.#interval],
    );
    setText(byId("market-last"), `${last} ${quote}`);
    setText(byId("market-change"), change);
    byId("market-change").dataset.direction = direction;
    byId("chart").setAttribute("aria-label", `Price of ${base} in ${quote}: ${spoken}`);
  }

  #mark() {
    if (!this.#chart || this.#shownFor !== this.#wanted) return;
    const orders = [...this.#store.all()];
    const { base, quote } = this.#direction;
    const pair = { tokenIn: base, tokenOut: quote };
    const visible = {
      intervalS: INTERVALS_S[this.#interval],
      sinceMs: Date.parse(this.#candles[0].time),
    };
    const triggers = triggerMarks(orders, pair, Number(this.#candles.at(-1).close));
    const fills = fillMarks(orders, pair, visible);
    const marked = JSON.stringify([triggers, fills]);
    if (marked === this.#marked) return;
    this.#marked = marked;
    this.#chart.drawTriggers(triggers);
    this.#chart.drawFills(fills);
    this.#overlay.showTriggers(
      triggers.map(({ orderId, price, title }) => ({
        orderId,
        price,
        label: `Cancel ${title} order at ${amount(price)} ${quote} per ${base}`,
      })),
    );
  }

  #drawTicketLine() {
    if (!this.#chart || !this.#ticket || this.#shownFor !== this.#wanted) return;
    const { title, price } = this.#ticket;
    const drawn = JSON.stringify([title, price, this.#shownFor]);
    if (drawn === this.#ticketDrawn) return;
    this.#ticketDrawn = drawn;
    const shown = price === null ? null : Number(shownPrice(price, this.#direction));
    this.#chart.ticketLine.draw(shown === null ? null : { price: shown, title });
    this.#overlay.showHandle(shown);
  }

  #askToCancel(orderId) {
    const order = this.#store.get(orderId);
    if (!order) return;
    const pair = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
    const price = priceText(order.limitPrice ?? order.stopPrice, ...pair);
    const swap = `${amount(order.amountIn)} ${pair[0]} to ${pair[1]}`;
    this.#cancel.ask(orderId, `The ${order.type} order for ${swap} at ${price}.`);
  }

  #say(text) {
    const old = byId("chart").querySelector(".chart-message");
    if (!text) return old?.remove();
    if (old) setText(old, text);
    else byId("chart").append(element("p", { className: "chart-message" }, text));
  }
}

/** Reads all candles of a chart, or what is new since those that are known. */
async function readOn(chart, known) {
  const from = iso(readFrom(known, INTERVALS_S[chart.interval], Date.now()));
  const { candles } = await readCandles({ ...chart, from, to: iso(Date.now()) });
  return candles;
}

function iso(ms) {
  return new Date(ms).toISOString();
}
