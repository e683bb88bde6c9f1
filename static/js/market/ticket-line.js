/** The ticket's price on the chart. */

import { colour, onThemeChange } from "../lib/chart-theme.js";

const IN_VIEW = 0.2; // A price this far from the candles' is kept in view.

export class TicketLine {
  #series;
  #line = null;
  #price = null;
  #held = null; // the range in view while the line is dragged
  #latest = null;

  constructor(series) {
    this.#series = series;
    this.#scale();
    onThemeChange(() => this.#recolour());
  }

  /** Draws {price, title}; null for nothing. */
  draw(line) {
    if (this.#line) this.#series.removePriceLine(this.#line);
    this.#line = line && this.#series.createPriceLine({ ...line, lineWidth: 2 });
    this.#recolour();
    this.#price = line?.price ?? null;
    this.#scale();
  }

  #recolour() {
    this.#line?.applyOptions({ color: colour("--accent") });
  }

  /** While the line is dragged, the scale must not move away under it. */
  hold(held) {
    this.#held = held ? this.#latest : null;
    this.#scale();
  }

  #scale() {
    this.#series.applyOptions({ autoscaleInfoProvider: (candles) => this.#range(candles()) });
  }

  #range(info) {
    if (this.#held) return this.#held;
    this.#latest = info && { ...info, priceRange: this.#widened(info.priceRange) };
    return this.#latest;
  }

  #widened({ minValue, maxValue }) {
    const price = this.#price;
    const far =
      price === null || price < minValue * (1 - IN_VIEW) || price > maxValue * (1 + IN_VIEW);
    if (far) return { minValue, maxValue };
    return { minValue: Math.min(minValue, price), maxValue: Math.max(maxValue, price) };
  }
}
