/**
 * The candles of one chart at a time, streamed while the page is connected and can be seen. Where
 * they are not, whoever shows them reads them over HTTP.
 */

import { CANDLES } from "./candles.js";

export class CandleStream {
  #live;
  #onCandles;
  #followed = "";
  #asking = Promise.resolve();

  /** `onCandles(candles)` gets the last candles of the chart whenever one has changed. */
  constructor(live, onCandles) {
    this.#live = live;
    this.#onCandles = onCandles;
    live.addEventListener("candle_update", ({ detail }) => {
      if (this.#followed && detail.candles.length) this.#onCandles(detail.candles);
    });
    live.addEventListener("lost", () => {
      this.#followed = "";
    });
  }

  /**
   * Follows this chart, {tokenIn, tokenOut, interval, priceKind}, and no other. Resolves with its
   * candles so far; with an empty list if they are shown already (`anew` asks for them again); with
   * null if it can't be followed now.
   */
  follow(chart, anew) {
    this.#asking = this.#asking.then(() => this.#follow(chart, anew));
    return this.#asking;
  }

  /** Follows nothing any more, until it is asked to again. */
  stop() {
    this.#asking = this.#asking.then(() => this.#leave());
    return this.#asking;
  }

  async #follow(chart, anew) {
    if (this.#live.state !== "connected") return null;
    const key = JSON.stringify(chart);
    if (key === this.#followed && !anew) return [];
    await this.#leave();
    const { tokenIn, tokenOut, interval, priceKind } = chart;
    const request = { pair: { tokenIn, tokenOut }, interval, priceKind, limit: CANDLES };
    const answer = await this.#live.ask("subscribe_candles", request).catch(() => null);
    if (!answer?.ok) return null;
    this.#followed = key;
    return answer.candles;
  }

  async #leave() {
    if (!this.#followed) return;
    this.#followed = "";
    await this.#live.ask("unsubscribe_candles").catch(() => null);
  }
}
