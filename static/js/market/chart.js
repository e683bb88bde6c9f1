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
  const library = await import("../../vendor/lightweight-charts.mjs");
  const chart = library.createChart(container, { autoSize: true, ...appearance() });
  chart.applyOptions(TIME_OPTIONS);
  const series = chart.addSeries(library.CandlestickSeries, candleColours());
  const markers = library.createSeriesMarkers(series, []);
  let lines = [];
  let accent = colour("--accent-text");
  onThemeChange(() => {
    accent = colour("--accent-text");
    chart.applyOptions(appearance());
    series.applyOptions(candleColours());
    for (const line of lines) line.applyOptions({ color: accent });
    markers.setMarkers(markers.markers().map((mark) => ({ ...mark, color: accent })));
  });
  return {
    /** Replaces all candles and shows the latest of them. */
    show(candles) {
      series.applyOptions({ priceFormat: precisionFor(candles.at(-1)?.close) });
      series.setData(candles.map(toBar));
      chart.timeScale().setVisibleLogicalRange({ from: 0, to: candles.length + ROOM_FOR_LABELS });
    },
    /** Adds candles or changes the last one. */
    extend(candles) {
      for (const candle of candles) {
        const complete = candle !== candles.at(-1);
        series.update(toBar(candle), complete);
      }
    },
    /** `triggers`: [{price, title}] as dashed lines. */
    drawTriggers(triggers) {
      for (const line of lines) series.removePriceLine(line);
      lines = triggers.map(({ price, title }) =>
        series.createPriceLine({
          price,
          title,
          color: accent,
          lineWidth: 1,
          lineStyle: library.LineStyle.Dashed,
        }),
      );
    },
    ticketLine: new TicketLine(series),
    place: new ChartPlace(chart, series),
    /** `fills`: [{time, title}] oldest first. */
    drawFills(fills) {
      markers.setMarkers(
        fills.map(({ time, title }) => ({
          time,
          text: title,
          position: "belowBar",
          shape: "arrowUp",
          color: accent,
        })),
      );
    },
  };
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
