/** The prices that resting orders wait for, streamed for all orders on the screen together. */

export const MOST = 50; // A connection may follow more; whoever shows that many orders reads the rest.

/** What is asked of the stream for an order: a limit waits for the price of its whole amount. */
export function pairOf({ type, tokenIn, tokenOut, amountIn }) {
  const pair = { tokenIn, tokenOut };
  return type === "limit" ? { ...pair, amountIn: String(amountIn) } : pair;
}

/** The price update in the form of the quotes that it stands for; null where nothing is offered. */
export function asQuotes({ venues, best }) {
  if (!best) return null;
  const quotes = venues.map(({ dex, spot }) => ({ dex, price: spot }));
  return { quotes, best: { amountOut: best.net }, amountIn: 1 };
}

export class PriceStream {
  #live;
  #followed = new Map();
  #names = new Map(); // What updates call a pair: the key under which it was asked for.

  constructor(live) {
    this.#live = live;
    live.addEventListener("price_update", ({ detail }) => this.#take(detail));
    live.addEventListener("lost", () => this.#forget());
  }

  /**
   * Follows the prices of these orders and no others: [[order, show]], where `show(answer)` gets
   * what `priceDistance` compares an order with. Resolves with the entries that are not followed.
   */
  async follow(entries) {
    if (this.#live.state !== "connected") return entries;
    const wanted = new Map();
    const left = [];
    for (const entry of entries) {
      const key = keyOf(pairOf(entry[0]));
      if (!wanted.has(key) && wanted.size === MOST) left.push(entry);
      else wanted.set(key, [...(wanted.get(key) ?? []), entry]);
    }
    return [...left, ...(await this.#change(wanted))];
  }

  /** Follows nothing any more, until it is asked to again. */
  async stop() {
    if (!this.#followed.size) return;
    this.#forget();
    await this.#live.ask("unsubscribe_prices").catch(() => null);
  }

  /** A new map: whoever waits for a subscription's answer still needs the old one. */
  #forget() {
    this.#followed = new Map();
  }

  /** Unsubscribes from what is not wanted and subscribes to what is new; the entries refused. */
  async #change(wanted) {
    const gone = [...this.#followed.keys()].filter((key) => !wanted.has(key));
    const added = [...wanted.keys()].filter((key) => !this.#followed.has(key));
    this.#followed = wanted;
    if (gone.length) await this.#ask("unsubscribe_prices", gone);
    if (!added.length) return [];
    const answer = await this.#ask("subscribe_prices", added);
    if (answer?.ok) {
      // In the order asked for: a token may be named by symbol or mint.
      answer.prices.forEach((price, place) => {
        this.#names.set(nameOf(price), added[place]);
        this.#show(added[place], price);
      });
      return [];
    }
    const refused = added.flatMap((key) => wanted.get(key));
    for (const key of added) wanted.delete(key);
    return refused;
  }

  #ask(name, keys) {
    return this.#live.ask(name, { pairs: keys.map((key) => JSON.parse(key)) }).catch(() => null);
  }

  #take(price) {
    this.#show(this.#names.get(nameOf(price)), price);
  }

  #show(key, price) {
    const answer = asQuotes(price);
    if (!answer) return;
    for (const [, show] of this.#followed.get(key) ?? []) show(answer);
  }
}

function nameOf({ tokenIn, tokenOut, amountIn }) {
  return `${tokenIn} ${tokenOut} ${amountIn}`;
}

function keyOf(pair) {
  return JSON.stringify(pair);
}
