/** The equity curve. Values become floats here, only to be drawn. */

import { appearance, colour, onThemeChange, TIME_OPTIONS } from "../lib/chart-theme.js";

const SECOND_MS = 1000;

/** Draws into `container`; rejects if the chart library cannot be loaded. */
export async function createEquityChart(container) {
  const library = await import("../../vendor/lightweight-charts.mjs");
  const chart = library.createChart(container, { autoSize: true, ...appearance() });
  chart.applyOptions(TIME_OPTIONS);
  const series = chart.addSeries(library.AreaSeries, areaColours());
  onThemeChange(() => {
    chart.applyOptions(appearance());
    series.applyOptions(areaColours());
  });
  return {
    /** Replaces the whole curve: [{time, equityUsd}], oldest first. */
    show(points) {
      series.setData(toSeries(points));
      chart.timeScale().fitContent();
    },
  };
}

/** One value a second: the library refuses two points of the same time. */
export function toSeries(points) {
  const bySecond = new Map(
    points.map(({ time, equityUsd }) => [
      Math.floor(Date.parse(time) / SECOND_MS),
      Number(equityUsd),
    ]),
  );
  return [...bySecond].map(([time, value]) => ({ time, value }));
}

function areaColours() {
  return {
    lineColor: colour("--accent"),
    lineWidth: 2,
    topColor: colour("--accent", 0.25),
    bottomColor: colour("--accent", 0),
    priceLineVisible: false,
  };
}
