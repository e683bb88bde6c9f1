/**
 * What the account has of each token. The live feed tells that something changed; HTTP, where
 * numbers keep every digit, tells what there is.
 */

import { readBalances } from "../lib/api.js";
import { plainDecimal } from "../lib/format.js";
import { account } from "../lib/session.js";

/** Events: "change" when the balances were read again, or belong to nobody any more. */
export class AccountMoney extends EventTarget {
  #live;
  #api;
  #available = null; // symbol -> exact decimal text
  #reading = false;
  #wanted = false;

  /** `live` tells of changes; `api` is asked for the balances; `loggedIn` tells if there are any. */
  constructor(live, api = { readBalances }, loggedIn = () => account() !== null) {
    super();
    this.#live = live;
    this.#api = api;
    this.loggedIn = loggedIn;
    live.addEventListener("connected", () => this.#join());
    live.addEventListener("balance_update", () => this.read());
  }

  /** What can be spent of a token, as exact decimal text; null while that is not known. */
  available(symbol) {
    return this.#available && (this.#available.get(symbol) ?? "0");
  }

  /** Reads the balances again; while one reading runs, another follows it. */
  async read() {
    this.#wanted = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#wanted) {
      this.#wanted = false;
      await this.#readOnce();
    }
    this.#reading = false;
  }

  /** Forgets what belongs to another account. */
  clear() {
    this.#available = null;
    this.dispatchEvent(new Event("change"));
  }

  async #join() {
    if (!this.loggedIn()) return;
    await this.#live.ask("subscribe_account", { orders: false }).catch(() => null);
    this.read();
  }

  async #readOnce() {
    if (!this.loggedIn()) return;
    const answer = await this.#api.readBalances().catch(() => null);
    if (!answer || !this.loggedIn()) return;
    this.#available = new Map(
      answer.balances.map(({ token, available }) => [token, plainDecimal(available)]),
    );
    this.dispatchEvent(new Event("change"));
  }
}
