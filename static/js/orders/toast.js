/** Short notes in the corner. At most three stand at once; each can be closed. */

import { byId, element, icon } from "../lib/elements.js";
import { amount, shortId, venueName } from "../lib/format.js";
import { tokenName } from "../market/tokens.js";
import { isTerminal } from "./order-state.js";
import { isOwn } from "./own-orders.js";
import { ICONS } from "./status-text.js";

const SHOWN_MS = 8000;
const MOST = 3;

/** Tells how the user's own orders ended, as it happens: never from history, never twice. */
export function toastEndings(store) {
  const told = new Set();
  store.addEventListener("change", ({ detail: { order, live } }) => {
    if (!live || !isTerminal(order) || !isOwn(order.orderId) || told.has(order.orderId)) return;
    told.add(order.orderId);
    show(
      order.status,
      titleOf(order),
      textOf(order),
      `/orders/${encodeURIComponent(order.orderId)}`,
    );
  });
}

/** A request that was refused: `text` says why. */
export function showProblem(title, text) {
  show("failed", title, text, null);
}

function titleOf(order) {
  return `Order ${order.status}`;
}

function textOf(order) {
  const pay = `${amount(order.amountIn)} ${tokenName(order.tokenIn)}`;
  if (order.status === "confirmed") {
    return `${pay} brought ${amount(order.amountOut)} ${tokenName(order.tokenOut)} on ${venueName(order.dexUsed)}`;
  }
  if (order.status === "failed") return order.failReason ?? "";
  return `${pay} to ${tokenName(order.tokenOut)}, ${shortId(order.orderId)}`;
}

function show(status, title, text, href) {
  const close = element(
    "button",
    {
      type: "button",
      className: "icon-button",
      attributes: { "aria-label": "Close notification" },
    },
    icon("cross"),
  );
  const toast = element(
    "div",
    { className: "toast" },
    element(
      "span",
      { className: "status-icon", dataset: { status } },
      icon(ICONS[status] ?? "dash"),
    ),
    element(
      "p",
      {},
      element("span", { className: "toast-title" }, href ? element("a", { href }, title) : title),
      element("br"),
      element("span", { className: "toast-text" }, text),
    ),
    close,
  );
  close.addEventListener("click", () => toast.remove());
  const box = byId("toasts");
  box.append(toast);
  while (box.children.length > MOST) box.firstElementChild.remove();
  closeLater(toast);
}

/** Closes by itself, but not while it is pointed at or holds the focus. */
function closeLater(toast) {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) closeLater(toast);
    else toast.remove();
  }, SHOWN_MS);
}
