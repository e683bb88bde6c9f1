/** The market panel: the chart of the ticket's pair, its last price, triggers and fills. */

import { readCandles } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { whileVisible } from "../lib/ticker.js";
import { INTERVALS_S, mergeCandles, priceSummary, readFrom } from "./candles.js";
import { createPriceChart } from "./chart.js";
import { fillMarks, triggerMarks } from "./chart-marks.js";

const EVERY_MS = 3000;

export class MarketPanel {
  #store;
  #chart = null;
  #chartAsked = createPriceChart(byId("chart"));
  #pair = { tokenIn: byId("token-in").value, tokenOut: byId("token-out").value };
  #candles = [];
  #shownFor = null;
  #marked = "";
  #read;

  constructor(store) {
    this.#store = store;
    this.#chartAsked.then(
      (chart) => {
        this.#chart = chart;
      },
      () => this.#say("The chart could not be loaded."),
    );
    byId("market-interval").addEventListener("change", () => this.#restart());
    this.#read = whileVisible(EVERY_MS, () => this.#poll());
  }

  show(tokenIn, tokenOut) {
    this.#pair = { tokenIn, tokenOut };
    this.#restart();
  }

  #restart() {
    this.#candles = [];
    setText(byId("market-pair"), `${this.#pair.tokenIn} / ${this.#pair.tokenOut}`);
    this.#read();
  }

  get #interval() {
    return byId("market-interval").querySelector(":checked").value;
  }

  /** What the chart should show, as text to compare. */
  get #wanted() {
    return JSON.stringify([this.#pair, this.#interval]);
  }

  /** Reads all candles at first, then only the last two. */
  async #poll() {
    const wanted = this.#wanted;
    const interval = this.#interval;
    const known = wanted === this.#shownFor ? this.#candles : [];
    const from = iso(readFrom(known, INTERVALS_S[interval], Date.now()));
    let answer;
    try {
      answer = await readCandles({ ...this.#pair, interval, from, to: iso(Date.now()) });
    } catch (problem) {
      return this.#candles.length || this.#say(problem.message);
    }
    if (wanted !== this.#wanted) return this.#poll();
    if (!answer.candles.length) return this.#say("There is no price for this pair yet.");
    await this.#chartAsked.catch(() => null);
    this.#take(answer.candles, wanted);
  }

  #take(candles, wanted) {
    if (wanted === this.#shownFor && this.#candles.length) {
      this.#candles = mergeCandles(this.#candles, candles);
      this.#chart?.extend(candles);
    } else {
      this.#candles = candles;
      this.#shownFor = wanted;
      this.#marked = "";
      this.#chart?.show(candles);
    }
    if (this.#chart) this.#say("");
    this.#drawPrice();
    this.#drawMarks();
  }

  #drawPrice() {
    const { tokenIn, tokenOut } = this.#pair;
    const { last, change, direction, spoken } = priceSummary(
      this.#candles,
      INTERVALS_S[this.#interval],
    );
    setText(byId("market-last"), `${last} ${tokenOut}`);
    setText(byId("market-change"), change);
    byId("market-change").dataset.direction = direction;
    byId("chart").setAttribute("aria-label", `Price of ${tokenIn} in ${tokenOut}: ${spoken}`);
  }

  #drawMarks() {
    if (!this.#chart) return;
    const orders = [...this.#store.all()];
    const last = Number(this.#candles.at(-1).close);
    const visible = {
      intervalS: INTERVALS_S[this.#interval],
      sinceMs: Date.parse(this.#candles[0].time),
    };
    const triggers = triggerMarks(orders, this.#pair, last);
    const fills = fillMarks(orders, this.#pair, visible);
    const marked = JSON.stringify([triggers, fills]);
    if (marked === this.#marked) return;
    this.#marked = marked;
    this.#chart.drawTriggers(triggers);
    this.#chart.drawFills(fills);
  }

  #say(text) {
    const old = byId("chart").querySelector(".chart-message");
    if (!text) return old?.remove();
    if (old) setText(old, text);
    else byId("chart").append(element("p", { className: "chart-message" }, text));
  }
}

function iso(ms) {
  return new Date(ms).toISOString();
}
