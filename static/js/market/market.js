/** The market panel: the chart of the ticket's pair, its last price, triggers and fills. */

import { readCandles } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { amount, percent } from "../lib/format.js";
import { whileVisible } from "../lib/ticker.js";
import { createPriceChart } from "./chart.js";
import { tokenName } from "./tokens.js";

const EVERY_MS = 3000;
const INTERVALS_S = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600 };
const CANDLES = 120;
const MOST_TRIGGERS = 12;

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

  /** All candles at first, then only the last two. */
  async #poll() {
    const wanted = JSON.stringify([this.#pair, this.#interval]);
    const span = INTERVALS_S[this.#interval] * 1000;
    const from =
      wanted === this.#shownFor && this.#candles.length
        ? Date.parse(this.#candles.at(-1).time) - span
        : Date.now() - CANDLES * span;
    let answer;
    try {
      answer = await readCandles({
        ...this.#pair,
        interval: this.#interval,
        from: iso(from),
        to: iso(Date.now()),
      });
    } catch (problem) {
      return this.#candles.length || this.#say(problem.message);
    }
    if (wanted !== JSON.stringify([this.#pair, this.#interval])) return this.#poll();
    if (!answer.candles.length) return this.#say("There is no price for this pair yet.");
    await this.#chartAsked.catch(() => null);
    this.#take(answer.candles, wanted);
  }

  #take(candles, wanted) {
    if (wanted === this.#shownFor && this.#candles.length) {
      const known = this.#candles.filter(({ time }) => time < candles[0].time);
      this.#candles = [...known, ...candles];
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
    const first = Number(this.#candles[0].open);
    const last = this.#candles.at(-1).close;
    const change = Number(last) / first - 1;
    const since = `${Math.round((this.#candles.length * INTERVALS_S[this.#interval]) / 3600)} h`;
    setText(byId("market-last"), `${amount(last)} ${this.#pair.tokenOut}`);
    const line = byId("market-change");
    setText(line, `${change >= 0 ? "+" : ""}${percent(change)} in ${since}`);
    line.dataset.direction = change >= 0 ? "up" : "down";
    byId("chart").setAttribute(
      "aria-label",
      `Price of ${this.#pair.tokenIn} in ${this.#pair.tokenOut}: ${amount(last)}, ${change >= 0 ? "up" : "down"} ${percent(Math.abs(change))} in ${since}`,
    );
  }

  #drawMarks() {
    if (!this.#chart) return;
    const orders = [...this.#store.all()].map((order) => this.#oriented(order)).filter(Boolean);
    const marks = { triggers: this.#triggersOf(orders), fills: this.#fillsOf(orders) };
    if (JSON.stringify(marks) === this.#marked) return;
    this.#marked = JSON.stringify(marks);
    this.#chart.drawTriggers(marks.triggers);
    this.#chart.drawFills(marks.fills);
  }

  /** The triggers nearest to the price: hundreds of lines would hide the candles. */
  #triggersOf(orders) {
    const last = Number(this.#candles.at(-1).close);
    return orders
      .filter(({ order }) => order.status === "open" && order.type !== "sniper")
      .map(({ order, turn }) => ({
        price: turn(order.limitPrice ?? order.stopPrice),
        title: order.type,
      }))
      .sort((a, b) => Math.abs(a.price / last - 1) - Math.abs(b.price / last - 1))
      .slice(0, MOST_TRIGGERS);
  }

  /** One mark for each candle with fills, oldest first. */
  #fillsOf(orders) {
    const span = INTERVALS_S[this.#interval];
    const counts = new Map();
    for (const { order } of orders) {
      const time = Math.floor(Date.parse(order.updatedAt) / 1000 / span) * span;
      const shown =
        order.status === "confirmed" && time * 1000 >= Date.parse(this.#candles[0].time);
      if (shown) counts.set(time, (counts.get(time) ?? 0) + 1);
    }
    return [...counts]
      .sort(([a], [b]) => a - b)
      .map(([time, count]) => ({ time, title: count > 1 ? `${count} fills` : "fill" }));
  }

  /** An order of this pair and how its price reads on this chart; null for other pairs. */
  #oriented(order) {
    const [from, to] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
    const { tokenIn, tokenOut } = this.#pair;
    if (from === tokenIn && to === tokenOut) return { order, turn: Number };
    return from === tokenOut && to === tokenIn
      ? { order, turn: (price) => 1 / Number(price) }
      : null;
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
