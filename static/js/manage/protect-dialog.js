/** Protect what one holds: take-profit and stop-loss as one group, placed in one step. */

import { ApiProblem, placeLinked, readBalances, readOrder, readQuotes } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { element, setText } from "../lib/elements.js";
import { readDecimal } from "../lib/exact-amount.js";
import { createChoice, createField } from "../lib/fields.js";
import { amount, plainDecimal } from "../lib/format.js";
import { directionOf } from "../lib/price-direction.js";
import { account } from "../lib/session.js";
import { debounce } from "../lib/ticker.js";
import { showProblem, showToast } from "../lib/toast.js";
import { findToken, refreshTokens, tokenName } from "../market/tokens.js";
import { remember } from "../orders/own-orders.js";
import { EXPIRIES, WEEK_S } from "./expiry.js";
import { marketText, priceHint } from "./price-hint.js";
import { pricesAround, protectionOrders, protectionProblems } from "./protect-terms.js";

const MARKET_EVERY_MS = 3000;
const TYPING_MS = 300;
const LITTLE = "1";

/** Opens the form for what an order has bought. */
export async function protectOrder(orderId, onPlaced) {
  const order = await readOrder(orderId).catch(() => null); // Over HTTP with every digit.
  if (!order) return showProblem("The order could not be read", "Try again in a moment.");
  await openProtect(heldBy(order), onPlaced);
}

/** What a filled order has bought, and what can be sold for again. */
function heldBy({ tokenOut, tokenIn, amountOut }) {
  return { token: tokenName(tokenOut), quote: tokenName(tokenIn), held: plainDecimal(amountOut) };
}

/**
 * Opens the form for `held`, decimal text, of `token`, to be sold for `quote`, both symbols.
 * `onPlaced(ids)` is called once both orders are stored.
 */
export async function openProtect({ token, quote, held }, onPlaced = () => null) {
  if (!findToken(token)) await refreshTokens().catch(() => null);
  const decimals = findToken(token)?.decimals ?? 9;
  new ProtectForm({ token, quote, held, decimals }, onPlaced).open();
}

class ProtectForm {
  #holding;
  #onPlaced;
  #answer = null;
  #tooLarge = null; // why the pools cannot take the amount at once
  #readSoon = debounce(TYPING_MS, () => this.#readMarket());
  #touched = new Set();
  #key = crypto.randomUUID();
  #sent = null;
  #dialog = null;
  #timer = null;
  #fields;
  #expiry = createChoice("Expire in", EXPIRIES, WEEK_S);
  #market = element("p", { className: "muted numeric", attributes: { role: "status" } });
  #error = element("p", { className: "form-error", attributes: { role: "alert" } });
  #button = element("button", { type: "submit", className: "button primary" });

  constructor(holding, onPlaced) {
    const direction = directionOf(holding.token, holding.quote);
    this.#holding = { ...holding, direction, available: null };
    this.#onPlaced = onPlaced;
    const { unit } = direction;
    this.#fields = {
      amount: createField("Amount", {
        unit: holding.token,
        value: holding.held,
        hinted: account() !== null,
      }),
      takeProfit: createField("Take profit at", { unit, hinted: true }),
      stopLoss: createField("Stop loss at", { unit, hinted: true }),
    };
    setText(this.#button, "Place take-profit and stop-loss");
  }

  open() {
    const { token, quote } = this.#holding;
    const form = element(
      "form",
      { className: "dialog-form", noValidate: true, autocomplete: "off" },
      element(
        "p",
        { className: "muted" },
        `Two orders that sell your ${token} for ${quote}. The first that triggers cancels the other.`,
      ),
      this.#market,
      ...Object.values(this.#fields).map(({ node }) => node),
      this.#expiry.node,
      this.#error,
      this.#button,
    );
    form.addEventListener("input", ({ target }) => this.#edited(target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog = openDialog({
      title: `Protect your ${token}`,
      content: form,
      onClose: () => clearInterval(this.#timer),
    });
    this.#fields.takeProfit.input.focus();
    this.#timer = setInterval(() => document.hidden || this.#readMarket(), MARKET_EVERY_MS);
    setText(this.#market, "Asking the market");
    this.#readMarket();
    this.#readFunds();
  }

  get #typed() {
    const typed = Object.entries(this.#fields).map(([name, { input }]) => [name, input.value]);
    return Object.fromEntries(typed);
  }

  #edited(input) {
    this.#touched.add(input);
    setText(this.#error, "");
    if (input === this.#fields.amount.input) {
      this.#tooLarge = null;
      this.#readSoon();
    }
    this.#draw();
  }

  async #readMarket() {
    const { token, quote } = this.#holding;
    const amountIn = this.#amountIn;
    try {
      const { answer, tooLarge } = await this.#quotes({
        tokenIn: token,
        tokenOut: quote,
        amountIn,
      });
      if (amountIn !== this.#amountIn) return; // Another amount has been typed since.
      this.#answer = answer;
      this.#tooLarge = tooLarge;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      return setText(this.#market, problem.message);
    }
    const { direction } = this.#holding;
    const pays = marketText("limit", this.#answer, direction);
    setText(this.#market, `The market pays ${pays} ${direction.unit} now.`);
    for (const [name, price] of Object.entries(pricesAround(this.#answer, direction))) {
      const { input } = this.#fields[name];
      if (!input.value && !this.#touched.has(input)) input.value = price;
    }
    this.#draw();
  }

  get #amountIn() {
    return readDecimal(this.#fields.amount.input.value) ?? this.#holding.held;
  }

  /**
   * {answer, tooLarge}: the market for the amount, or for little of it where the pools cannot take
   * it at once, and why they cannot.
   */
  async #quotes(asked) {
    try {
      return { answer: await readQuotes(asked), tooLarge: null };
    } catch (problem) {
      if (problem.code !== "insufficient_liquidity") throw problem;
      const answer = await readQuotes({ ...asked, amountIn: LITTLE });
      return { answer, tooLarge: problem.message };
    }
  }

  /** An account cannot protect more than it has left. */
  async #readFunds() {
    if (!account()) return;
    const answer = await readBalances().catch(() => null);
    const balance = answer?.balances.find(({ token }) => token === this.#holding.token);
    if (!answer) return;
    const available = plainDecimal(balance?.available ?? "0");
    this.#holding.available = available;
    const { input } = this.#fields.amount;
    if (!this.#touched.has(input) && Number(available) < Number(input.value))
      input.value = available;
    this.#draw();
  }

  #problems() {
    const problems = protectionProblems(this.#typed, this.#holding, this.#answer);
    return { ...problems, amount: problems.amount ?? this.#tooLarge };
  }

  #draw() {
    const { available, token, quote: symbol, direction } = this.#holding;
    const typed = this.#typed;
    const problems = this.#problems();
    for (const [name, field] of Object.entries(this.#fields)) {
      const begun = field.input.value || this.#touched.has(field.input);
      field.complain(begun ? problems[name] : null);
    }
    this.#fields.amount.say(available === null ? "" : `Available ${amount(available)} ${token}`);
    const market = { symbol, direction, answer: this.#answer };
    const hint = (name, type) => priceHint(typed[name], type, typed.amount, market);
    this.#fields.takeProfit.say(hint("takeProfit", "limit"));
    this.#fields.stopLoss.say(hint("stopLoss", "stop"));
  }

  async #submit() {
    if (this.#button.disabled) return;
    const problems = this.#problems();
    const [wrong] = Object.keys(problems).filter((name) => problems[name]);
    if (wrong) {
      for (const name of Object.keys(problems)) this.#fields[name].complain(problems[name]);
      return this.#fields[wrong].input.focus();
    }
    this.#button.disabled = true;
    setText(this.#error, "");
    try {
      await this.#place();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      setText(this.#error, [problem.message, ...Object.values(problem.errors).flat()].join(" "));
    } finally {
      this.#button.disabled = false;
    }
  }

  /** Sending the same again, after an answer that was lost, gives the same two orders. */
  async #place() {
    const typed = JSON.stringify([this.#typed, this.#expiry.select.value]);
    if (this.#sent?.typed !== typed) {
      const expiresInS = Number(this.#expiry.select.value);
      const orders = protectionOrders(this.#typed, this.#holding, expiresInS);
      this.#sent = { typed, orders };
      this.#key = crypto.randomUUID();
    }
    const placed = await placeLinked(this.#sent.orders, this.#key);
    const ids = placed.orders.map(({ orderId }) => orderId);
    for (const id of ids) remember(id);
    this.#dialog.close();
    showToast({
      status: "open",
      iconName: "shield",
      title: "Take-profit and stop-loss placed",
      text: "The first that triggers cancels the other.",
      href: `/orders/${encodeURIComponent(ids[0])}`,
    });
    this.#onPlaced(ids);
  }
}
