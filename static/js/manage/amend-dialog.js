/** Amend an order that rests: price, amount, slippage, expiry. */

import { ApiProblem, amendOrder, readOrder, readQuotes } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { element, setText } from "../lib/elements.js";
import { createChoice, createField } from "../lib/fields.js";
import { dateTime } from "../lib/format.js";
import { showProblem } from "../lib/toast.js";
import { findToken, refreshTokens, tokenName } from "../market/tokens.js";
import {
  amendedTerms,
  amendFields,
  amendProblems,
  CONDITIONS,
  directionFor,
  KEEP,
  refusalText,
} from "./amend-terms.js";
import { EXPIRIES } from "./expiry.js";
import { priceHint } from "./price-hint.js";

const MARKET_EVERY_MS = 3000;

/** Opens the form for an order; `onRecord` gets its record whenever it was read or amended. */
export async function openAmend(orderId, onRecord) {
  try {
    const [order] = await Promise.all([readOrder(orderId), refreshTokens().catch(() => null)]);
    onRecord(order);
    if (order.status === "open") return new AmendForm(order, onRecord).open();
    showProblem("Order not amended", `The order is ${order.status} already.`);
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    showProblem("The order could not be read", problem.message);
  }
}

class AmendForm {
  #order;
  #onRecord;
  #fields;
  #expiry;
  #dialog = null;
  #answer = null;
  #timer = null;
  #error = element("p", { className: "form-error", attributes: { role: "alert" } });
  #button = element("button", { type: "submit", className: "button primary" }, "Amend order");

  constructor(order, onRecord) {
    this.#order = order;
    this.#onRecord = onRecord;
    const tokenIn = tokenName(order.tokenIn);
    const unit = order.type === "sniper" ? "USD" : directionFor(order).unit;
    this.#fields = {
      condition: createField(CONDITIONS[order.type].label, {
        unit,
        hinted: order.type !== "sniper",
      }),
      amount: createField("Amount", { unit: tokenIn }),
      slippage: createField("Slippage tolerance", { unit: "%", maxLength: 6 }),
    };
    this.#expiry = createChoice("Expires", [[KEEP, ""], ...EXPIRIES.map(fromNow)], KEEP);
    this.#fill();
  }

  open() {
    const { tokenIn, tokenOut, ocoGroup } = this.#order;
    const form = element(
      "form",
      { className: "dialog-form", noValidate: true, autocomplete: "off" },
      element(
        "p",
        { className: "muted" },
        `${tokenName(tokenIn)} to ${tokenName(tokenOut)}. The order keeps its id${ocoGroup ? " and its group" : ""}.`,
      ),
      ...Object.values(this.#fields).map(({ node }) => node),
      this.#expiry.node,
      this.#error,
      this.#button,
    );
    form.addEventListener("input", () => {
      setText(this.#error, "");
      this.#complain();
      this.#hint();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog = openDialog({
      title: `Amend ${this.#order.type} order`,
      content: form,
      onClose: () => clearInterval(this.#timer),
    });
    this.#timer = setInterval(() => document.hidden || this.#readMarket(), MARKET_EVERY_MS);
    this.#readMarket();
    this.#fields.condition.input.focus();
    this.#fields.condition.input.select();
  }

  get #typed() {
    const typed = Object.entries(this.#fields).map(([name, { input }]) => [name, input.value]);
    return { ...Object.fromEntries(typed), expiresInS: this.#expiry.select.value };
  }

  /** Shows the order's terms as they are. */
  #fill() {
    const texts = amendFields(this.#order);
    for (const [name, { input }] of Object.entries(this.#fields)) input.value = texts[name];
    this.#expiry.select.value = KEEP;
    const [kept] = this.#expiry.select.options;
    setText(kept, dateTime(this.#order.expiresAt));
    this.#complain();
  }

  /** What the typed price means now; a sniper waits for no price. */
  async #readMarket() {
    const { type, tokenIn, tokenOut, amountIn } = this.#order;
    if (type === "sniper") return;
    this.#answer = await readQuotes({ tokenIn, tokenOut, amountIn }).catch(() => null);
    this.#hint();
  }

  #hint() {
    const { type, tokenOut } = this.#order;
    if (type === "sniper") return;
    const { condition, amount } = this.#typed;
    const direction = directionFor(this.#order);
    const market = { symbol: tokenName(tokenOut), direction, answer: this.#answer };
    this.#fields.condition.say(priceHint(condition, type, amount, market));
  }

  #complain() {
    const { tokenIn } = this.#order;
    const token = { symbol: tokenName(tokenIn), decimals: findToken(tokenIn)?.decimals ?? 9 };
    const problems = amendProblems(this.#typed, this.#order, token);
    for (const [name, problem] of Object.entries(problems)) this.#fields[name].complain(problem);
    return Object.keys(problems).find((name) => problems[name]);
  }

  async #submit() {
    if (this.#button.disabled) return;
    const wrong = this.#complain();
    if (wrong) return this.#fields[wrong].input.focus();
    const terms = amendedTerms(this.#typed, this.#order);
    if (!Object.keys(terms).length) return setText(this.#error, "Nothing has changed yet.");
    this.#button.disabled = true;
    try {
      this.#onRecord(await amendOrder(this.#order.orderId, terms, this.#order.sequence));
      this.#dialog.close();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      await this.#refused(problem);
    }
  }

  /** Says why; an order that has changed is shown as it is now, to decide anew. */
  async #refused(problem) {
    const { text, stale } = refusalText(problem);
    const record = stale ? await readOrder(this.#order.orderId).catch(() => null) : null;
    if (record) {
      this.#order = record;
      this.#onRecord(record);
      this.#fill();
    }
    this.#button.disabled = this.#order.status !== "open";
    setText(this.#error, text);
  }
}

function fromNow([seconds, text]) {
  return [seconds, `in ${text}`];
}
