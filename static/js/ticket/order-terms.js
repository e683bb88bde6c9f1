/** What the ticket asks for: the order to send, or what keeps it from being sent. */

import { amountProblem, commaProblem, isZero, readDecimal } from "../lib/exact-amount.js";
import { findToken } from "../market/tokens.js";

const UNKNOWN_TOKEN_DECIMALS = 9;
const MINT = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const PRICES = {
  limit: { name: "limitPrice", field: "limit-price", button: "Enter a limit price" },
  stop: { name: "stopPrice", field: "stop-price", button: "Enter a stop price" },
};

/**
 * The terms that the ticket's fields give. `fields` are texts as typed or chosen: {type, tokenIn,
 * tokenOut, snipeToken, amountIn, minLiquidity, expiresInS, scenario}; `slippageBps` is a number, or
 * null where no tolerance can be read; `price` is {typed, sent}: the limit or stop price as it stands
 * in its field, and in tokenOut per tokenIn, null where it cannot be sent.
 */
export class OrderTerms {
  #fields;

  constructor(fields) {
    this.#fields = fields;
  }

  get type() {
    return this.#fields.type;
  }

  get tokenIn() {
    return this.#fields.tokenIn;
  }

  /** Symbol or mint of the token to receive; empty while a sniper has not named one. */
  get tokenOut() {
    if (this.type !== "sniper") return this.#fields.tokenOut;
    const typed = this.#fields.snipeToken.trim();
    return findToken(typed)?.symbol ?? typed;
  }

  /** The amount as exact decimal text, or null. */
  get amountIn() {
    return this.#amountProblem() ? null : readDecimal(this.#fields.amountIn);
  }

  /** The limit or stop price as exact decimal text, or null. */
  get triggerPrice() {
    if (!(this.type in PRICES)) return null;
    return this.#fields.price.sent;
  }

  get slippageBps() {
    return this.#fields.slippageBps;
  }

  /**
   * The first obstacle to sending, or null: {field, button, message}. `field` is the id of the
   * input to go to, `button` what the button says; what is merely missing has no `message`.
   */
  get obstacle() {
    return (
      this.#amountObstacle() ??
      this.#tokenObstacle() ??
      this.#priceObstacle() ??
      this.#liquidityObstacle() ??
      this.#slippageObstacle()
    );
  }

  /** The request body. Amounts go out as decimal text, digit for digit. */
  toOrder(now = Date.now()) {
    const { type, tokenIn, tokenOut, amountIn, slippageBps: maxSlippageBps } = this;
    const order = { type, tokenIn, tokenOut, amountIn, maxSlippageBps };
    if (type in PRICES) order[PRICES[type].name] = this.triggerPrice;
    if (type === "sniper") order.minLiquidity = readDecimal(this.#fields.minLiquidity || "0");
    if (type !== "market") {
      order.expiresAt = new Date(now + Number(this.#fields.expiresInS) * 1000).toISOString();
    }
    if (this.#fields.scenario) order.scenario = this.#fields.scenario;
    return order;
  }

  #amountProblem() {
    const decimals = findToken(this.tokenIn)?.decimals ?? UNKNOWN_TOKEN_DECIMALS;
    return amountProblem(this.#fields.amountIn, decimals, this.tokenIn);
  }

  #amountObstacle() {
    const field = "amount-in";
    if (!this.#fields.amountIn.trim()) return { field, button: "Enter an amount" };
    const message = this.#amountProblem();
    return message && { field, button: "Check the amount", message };
  }

  #tokenObstacle() {
    if (this.type !== "sniper") return null;
    const field = "snipe-token";
    const typed = this.#fields.snipeToken.trim();
    if (!typed) return { field, button: "Choose a token to buy" };
    if (!findToken(typed) && !MINT.test(typed)) {
      const message = "Enter a listed symbol or a mint address";
      return { field, button: "Check the token", message };
    }
    if (this.tokenOut !== this.tokenIn) return null;
    const message = "This is the token you pay with";
    return { field, button: "Choose two different tokens", message };
  }

  #priceObstacle() {
    if (!(this.type in PRICES) || this.triggerPrice) return null;
    const { field, button } = PRICES[this.type];
    const { typed } = this.#fields.price;
    if (!typed.trim()) return { field, button };
    const price = readDecimal(typed);
    const usable = price !== null && !isZero(price);
    const message = usable
      ? "This price is beyond what can be ordered"
      : (commaProblem(typed) ?? "Enter a number above 0, such as 150.5");
    return { field, button, message };
  }

  #liquidityObstacle() {
    const typed = this.#fields.minLiquidity;
    if (this.type !== "sniper" || !typed.trim() || readDecimal(typed) !== null) return null;
    const message = commaProblem(typed) ?? "Enter a number, such as 50000";
    return { field: "min-liquidity", button: "Check the minimum liquidity", message };
  }

  #slippageObstacle() {
    if (this.slippageBps !== null) return null;
    return { field: "custom-slippage", button: "Enter a slippage tolerance" };
  }
}
