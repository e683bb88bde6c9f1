/** What the ticket's fields say: the order to send, or the first thing that keeps it from being sent. */

import { byId } from "../lib/elements.js";
import { amountProblem, isZero, readDecimal } from "../lib/exact-amount.js";
import { findToken } from "../market/tokens.js";

const MINT = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const PRICE_FIELDS = {
  limit: ["limitPrice", "limit-price", "a limit price"],
  stop: ["stopPrice", "stop-price", "a stop price"],
};

export class OrderTerms {
  #form;
  #slippage;

  constructor(form, slippage) {
    this.#form = form;
    this.#slippage = slippage;
  }

  get type() {
    return this.#form.elements.type.value;
  }

  get tokenIn() {
    return byId("token-in").value;
  }

  /** Symbol or mint of the token to receive; empty while a sniper has not named one. */
  get tokenOut() {
    if (this.type !== "sniper") return byId("token-out").value;
    const typed = byId("snipe-token").value.trim();
    return findToken(typed)?.symbol ?? typed;
  }

  /** The amount as exact decimal text, or null. */
  get amountIn() {
    return this.#amountProblem() ? null : readDecimal(byId("amount-in").value);
  }

  /** The limit or stop price as exact decimal text, or null. */
  get triggerPrice() {
    const field = PRICE_FIELDS[this.type];
    const price = field && readDecimal(byId(field[1]).value);
    return price && !isZero(price) ? price : null;
  }

  get slippageBps() {
    return this.#slippage.bps;
  }

  /** The first obstacle: {field, button, message}; no message for what is merely missing. Or null. */
  get obstacle() {
    return (
      this.#amountObstacle() ??
      this.#tokenObstacle() ??
      this.#priceObstacle() ??
      this.#liquidityObstacle() ??
      (this.slippageBps === null
        ? { field: this.#slippage.field, button: "Enter a slippage tolerance" }
        : null)
    );
  }

  /** The request body. Amounts go out as decimal text, digit for digit. */
  toOrder() {
    const { type, tokenIn, tokenOut, amountIn, slippageBps: maxSlippageBps } = this;
    const order = { type, tokenIn, tokenOut, amountIn, maxSlippageBps };
    if (type in PRICE_FIELDS) order[PRICE_FIELDS[type][0]] = this.triggerPrice;
    if (type === "sniper") order.minLiquidity = readDecimal(byId("min-liquidity").value || "0");
    if (type !== "market")
      order.expiresAt = new Date(Date.now() + Number(byId("expiry").value) * 1000).toISOString();
    return order;
  }

  #amountProblem() {
    const decimals = findToken(this.tokenIn)?.decimals ?? 9;
    return amountProblem(byId("amount-in").value, decimals, this.tokenIn);
  }

  #amountObstacle() {
    const field = byId("amount-in");
    if (!field.value.trim()) return { field, button: "Enter an amount" };
    const message = this.#amountProblem();
    return message && { field, button: "Check the amount", message };
  }

  #tokenObstacle() {
    if (this.type !== "sniper") return null;
    const field = byId("snipe-token");
    const typed = field.value.trim();
    if (!typed) return { field, button: "Choose a token to buy" };
    if (!findToken(typed) && !MINT.test(typed)) {
      return { field, button: "Check the token", message: "No listed symbol and no mint address" };
    }
    const same = this.tokenOut === this.tokenIn;
    return same
      ? { field, button: "Choose two different tokens", message: "This is the token you pay with" }
      : null;
  }

  #priceObstacle() {
    if (!(this.type in PRICE_FIELDS) || this.triggerPrice) return null;
    const [, id, name] = PRICE_FIELDS[this.type];
    const field = byId(id);
    return {
      field,
      button: `Enter ${name}`,
      message: field.value.trim() ? "Enter a number above 0, such as 150.5" : undefined,
    };
  }

  #liquidityObstacle() {
    const field = byId("min-liquidity");
    if (this.type !== "sniper" || !field.value.trim() || readDecimal(field.value) !== null)
      return null;
    return { field, button: "Check the least liquidity", message: "Enter a number, such as 50000" };
  }
}
