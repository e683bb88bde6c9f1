/**
 * A candle chart with trigger lines, fills and the ticket's price. Prices become floats here, only
 * to be drawn.
 */

import { appearance, colour, onThemeChange, TIME_OPTIONS } from "../lib/chart-theme.js";
import { TicketLine } from "./ticket-line.js";

const SECOND_MS = 1000;
const ROOM_FOR_LABELS = 4; // In candle widths, to the right of the last candle.

/** Draws into `container`; rejects if the chart library cannot be loaded. */
export async function createPriceChart(container) {
  return new PriceChart(await import("../../vendor/lightweight-charts.mjs"), container);
}

class PriceChart {
  #library;
  #chart;
  #series;
  #markers;
  #lines = [];
  #fills = [];

  constructor(library, container) {
    this.#library = library;
    this.#chart = library.createChart(container, { autoSize: true, ...appearance() });
    this.#chart.applyOptions(TIME_OPTIONS);
    this.#series = this.#chart.addSeries(library.CandlestickSeries, candleColours());
    this.#markers = library.createSeriesMarkers(this.#series, []);
    this.ticketLine = new TicketLine(this.#series);
    this.place = new ChartPlace(this.#chart, this.#series);
    onThemeChange(() => this.#recolour());
  }

  /** Replaces all candles and shows the latest of them. */
  show(candles) {
    this.#series.applyOptions({ priceFormat: precisionFor(candles.at(-1)?.close) });
    this.#series.setData(candles.map(toBar));
    const to = candles.length + ROOM_FOR_LABELS;
    this.#chart.timeScale().setVisibleLogicalRange({ from: 0, to });
  }

  /** Adds candles or changes the last one. */
  extend(candles) {
    for (const candle of candles) {
      const complete = candle !== candles.at(-1);
      this.#series.update(toBar(candle), complete);
    }
  }

  /** `triggers`: [{price, title}] as dashed lines. */
  drawTriggers(triggers) {
    for (const line of this.#lines) this.#series.removePriceLine(line);
    const look = { ...accent(), lineWidth: 1, lineStyle: this.#library.LineStyle.Dashed };
    this.#lines = triggers.map(({ price, title }) =>
      this.#series.createPriceLine({ price, title, ...look }),
    );
  }

  /** `fills`: [{time, title}] oldest first. */
  drawFills(fills) {
    this.#fills = fills;
    const look = { position: "belowBar", shape: "arrowUp", ...accent() };
    this.#markers.setMarkers(fills.map(({ time, title }) => ({ time, text: title, ...look })));
  }

  #recolour() {
    this.#chart.applyOptions(appearance());
    this.#series.applyOptions(candleColours());
    for (const line of this.#lines) line.applyOptions(accent());
    this.drawFills(this.#fills);
    this.ticketLine.recolour();
  }
}

function accent() {
  return { color: colour("--accent-text") };
}

/** Where prices stand on the chart, for what is laid over it. */
class ChartPlace {
  #chart;
  #series;

  constructor(chart, series) {
    this.#chart = chart;
    this.#series = series;
  }

  /** The height in px at which a price stands, or null where it is out of view. */
  heightOf(price) {
    const y = this.#series.priceToCoordinate(price);
    const inView = y !== null && y >= 0 && y <= this.#chart.panes()[0].getHeight();
    return inView ? y : null;
  }

  priceAt(y) {
    return this.#series.coordinateToPrice(y);
  }

  get axisWidth() {
    return this.#chart.priceScale("right").width();
  }

  /** Calls `work` whenever the chart is drawn anew. */
  onDraw(work) {
    this.#series.attachPrimitive({ updateAllViews: work });
  }
}

function toBar({ time, open, high, low, close }) {
  return {
    time: Date.parse(time) / SECOND_MS,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
  };
}

function precisionFor(price) {
  const precision = Math.max(2, Math.min(12, 4 - Math.floor(Math.log10(Number(price) || 1))));
  return { type: "price", precision, minMove: 10 ** -precision };
}

function candleColours() {
  const up = colour("--good");
  const down = colour("--bad");
  return {
    upColor: up,
    wickUpColor: up,
    borderVisible: false,
    downColor: down,
    wickDownColor: down,
  };
}
