/** The panels of the order page that list what was asked for and what came of it. */

import { amountElement, copyButton, element, icon } from "../lib/elements.js";
import {
  amount,
  bps,
  dateTime,
  percent,
  plainDecimal,
  shorten,
  usd,
  venueName,
} from "../lib/format.js";
import { directionOf, priceText, shownPrice } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { isTerminal } from "./order-state.js";

function fact(name, ...value) {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", { className: "numeric" }, ...value),
  );
}

/** A price the way round that people say it, with the API's exact value on hover. */
function priceElement(price, order) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  return element(
    "data",
    { value: plainDecimal(price), title: `${plainDecimal(price)} ${tokenOut} per ${tokenIn}` },
    priceText(price, tokenIn, tokenOut),
  );
}

/** Expected against executed. */
export function executionFacts(order, history) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  const quote = chosenQuote(history);
  const facts = [fact("Paid", ...paid(order, tokenIn))];
  if (quote) facts.push(fact("Expected", amountElement(quote.amountOut, tokenOut)));
  if (order.minAmountOut != null)
    facts.push(fact("At least", amountElement(order.minAmountOut, tokenOut)));
  if (order.amountOut != null) {
    facts.push(
      fact("Received", amountElement(order.amountOut, tokenOut), worth(order.amountOutUsd)),
    );
    if (quote) facts.push(fact("Difference", difference(order.amountOut, quote.amountOut)));
    facts.push(fact("Executed price", priceElement(order.executedPrice, order)));
  }
  if (order.dexUsed) facts.push(fact("Venue", venueName(order.dexUsed)));
  facts.push(fact("Attempts", String(order.attempts || 0)));
  return element("dl", { className: "facts" }, ...facts);
}

function paid(order, tokenIn) {
  if (order.status === "confirmed")
    return [amountElement(order.amountIn, tokenIn), worth(order.amountInUsd)];
  return [isTerminal(order) ? "Nothing" : "Nothing yet"];
}

/** What an amount was worth at the fill; null while that is not known. */
function worth(value) {
  if (value == null) return null;
  return element("span", { className: "worth muted" }, ` ${usd(value)}`);
}

function chosenQuote(history) {
  const built = history.findLast(({ status }) => status === "building");
  return built?.data.quotes?.find(({ dex }) => dex === built.data.chosenDex) ?? null;
}

function difference(received, expected) {
  const fraction = Number(received) / Number(expected) - 1;
  const sign = fraction > 0 ? "+" : "";
  return element(
    "span",
    { className: fraction < 0 ? "worse" : "better" },
    sign + percent(fraction, 3),
  );
}

/** The quotes of the latest attempt side by side, or null while there are none. */
export function quoteComparison(order, history) {
  const built = history.findLast(({ status }) => status === "building");
  if (!built?.data.quotes?.length) return null;
  const out = tokenName(order.tokenOut);
  const direction = directionOf(tokenName(order.tokenIn), out);
  const rows = built.data.quotes.map((quote) => {
    const best = quote.dex === built.data.chosenDex;
    return element(
      "tr",
      { dataset: { best } },
      element(
        "th",
        { scope: "row" },
        venueName(quote.dex),
        best ? element("span", { className: "best-mark" }, "Chosen") : null,
      ),
      element("td", {}, amountElement(quote.amountOut, out)),
      element("td", { className: "roomy" }, amount(shownPrice(quote.price, direction))),
      element("td", {}, bps(quote.feeBps)),
      element("td", {}, percent(quote.priceImpact)),
    );
  });
  const heads = ["Venue", "Out", "Price", "Fee", "Impact"].map((name) =>
    element("th", { scope: "col", className: name === "Price" ? "roomy" : "" }, name),
  );
  return element(
    "div",
    {},
    element(
      "div",
      {
        className: "venues-box",
        tabIndex: 0,
        attributes: { role: "region", "aria-label": "Quotes compared" },
      },
      element(
        "table",
        { className: "venues" },
        element("thead", {}, element("tr", {}, ...heads)),
        element("tbody", {}, ...rows),
      ),
    ),
    element("p", { className: "routing-reason" }, built.data.reason ?? ""),
  );
}

/** The transaction, or null before there is one. */
export function transactionFacts(order) {
  if (!order.txHash) return null;
  const link =
    order.explorerUrl &&
    element(
      "a",
      { href: order.explorerUrl, target: "_blank", rel: "noopener noreferrer" },
      "Open ",
      icon("external"),
    );
  return element(
    "dl",
    { className: "facts" },
    fact(
      "Signature",
      element(
        "span",
        { className: "copyable" },
        element("span", { className: "mono", title: order.txHash }, shorten(order.txHash, 10)),
        copyButton(order.txHash, "Copy signature"),
      ),
    ),
    fact(
      "Explorer",
      link || "Not on the chain yet",
      " ",
      element("span", { className: "simulated" }, "Simulated: not on the real chain"),
    ),
  );
}

function scenarioLink(scenario) {
  const [name] = scenario.split(":");
  return element("a", { href: `/docs/scenarios#${encodeURIComponent(name)}` }, scenario);
}

/** What the order asked for. */
export function termFacts(order) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  const facts = [
    fact("Pays", amountElement(order.amountIn, tokenIn)),
    fact("For", tokenOut),
    fact("Slippage tolerance", bps(order.maxSlippageBps)),
  ];
  if (order.wallet) {
    const name = element("span", { className: "mono", title: order.wallet }, shorten(order.wallet));
    facts.push(fact("Wallet", name));
  }
  if (order.limitPrice != null)
    facts.push(fact("Limit price", priceElement(order.limitPrice, order)));
  if (order.stopPrice != null) facts.push(fact("Stop price", priceElement(order.stopPrice, order)));
  if (order.minLiquidity != null)
    facts.push(fact("Minimum liquidity", amountElement(order.minLiquidity, "USD")));
  if (order.scenario) facts.push(fact("Scenario", scenarioLink(order.scenario)));
  if (order.expiresAt) facts.push(fact("Expires", dateTime(order.expiresAt)));
  if (order.side) facts.push(fact("Side", order.side));
  if (order.userId) facts.push(fact("User", order.userId));
  facts.push(fact("Placed", dateTime(order.createdAt)), fact("Changed", dateTime(order.updatedAt)));
  return facts;
}
