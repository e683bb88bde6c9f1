/** Place an order again: a new one on the same terms, after a look at what it would do. */

import { ApiProblem, previewOrder, readOrder } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { element, setText } from "../lib/elements.js";
import { amount, bps, duration } from "../lib/format.js";
import { priceText } from "../lib/price-direction.js";
import { tokenName } from "../market/tokens.js";
import { TYPE_NAMES } from "../orders/status-text.js";
import { againTerms, restsForMs, ticketLink } from "./again-terms.js";
import { previewText } from "./preview-text.js";

/** Opens the confirmation; `outbox` sends the new order. */
export async function openPlaceAgain(orderId, outbox) {
  const order = await readOrder(orderId).catch(() => null);
  if (!order) return;
  const said = element("p", { attributes: { role: "status" } }, "Checking what it would do now");
  const button = element("button", { type: "button", className: "button primary" }, "Place order");
  const change = element("a", { className: "button", href: ticketLink(order) }, "Change it first");
  const { close } = openDialog({
    title: "Place it again?",
    content: element("div", { className: "dialog-form" }, facts(order), said, button, change),
  });
  button.addEventListener("click", () => {
    close();
    outbox.submit(againTerms(order));
  });
  button.focus();
  button.disabled = !(await check(order, said));
}

/** Says what the order would do; whether it would be accepted. */
async function check(order, line) {
  try {
    const terms = againTerms(order);
    setText(line, previewText(await previewOrder(terms), terms));
    return true;
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(line, problem.message);
    line.className = "form-error";
    return problem.retryable; // The outbox sends it again until there is an answer.
  }
}

function facts(order) {
  const [tokenIn, tokenOut] = [tokenName(order.tokenIn), tokenName(order.tokenOut)];
  const price = order.limitPrice ?? order.stopPrice;
  const rows = [
    ["Type", TYPE_NAMES[order.type]],
    ["Pays", `${amount(order.amountIn)} ${tokenIn}`],
    ["For", tokenOut],
    price != null && ["Price", priceText(price, tokenIn, tokenOut)],
    ["Slippage tolerance", bps(order.maxSlippageBps)],
    order.expiresAt && ["Rests for", duration(restsForMs(order))],
  ].filter(Boolean);
  return element(
    "dl",
    { className: "facts" },
    ...rows.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", { className: "numeric" }, value)),
    ),
  );
}
