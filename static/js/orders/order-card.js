/** One order in the list. Its nodes are made once; an update changes only what differs. */

import { amountElement, element, icon, setIcon, setText } from "../lib/elements.js";
import { amount, plainDecimal, shorten, shortId, usd } from "../lib/format.js";
import { account } from "../lib/session.js";
import { findToken, tokenName } from "../market/tokens.js";
import { createCardActions } from "./card-actions.js";
import { groupSentence, roleOf } from "./group-text.js";
import { lookOf } from "./order-state.js";
import { isOwn } from "./own-orders.js";
import { ICONS, label, TYPE_NAMES, timing } from "./status-text.js";
import { createStepper } from "./stepper.js";

/**
 * Returns {node, update(order), tick(now), showDistance(distance), showGroup(members)}. `offers` are
 * what can be done with an order beside cancelling it, as `createCardActions` takes them.
 */
export function createOrderCard(first, { onRecord, fresh, offers = [] }) {
  let order = first;
  const own = isOwn(order.orderId);
  const stepper = createStepper({ announce: own });
  const chip = createChip();
  const distance = createDistance();
  const heading = createHeading(order, own);
  const group = element("p", { className: "muted card-group", hidden: true });
  const values = element("p", { className: "muted numeric card-values", hidden: true });
  const when = element("span", { className: "muted numeric" });
  const actions = createCardActions(order.orderId, onRecord, offers);
  const node = element(
    "li",
    {
      className: fresh ? "order-card fresh" : "order-card",
      dataset: { orderId: order.orderId },
    },
    element("div", { className: "card-head" }, heading.node, chip.node),
    stepper.node,
    distance.node,
    values,
    group,
    element("div", { className: "card-foot" }, when, actions.node),
  );

  const tick = (now) => setText(when, `${timing(order, now)} · ${shortId(order.orderId)}`);
  const update = (next) => {
    order = next;
    node.dataset.status = order.status;
    heading.update(order);
    showValues(values, order);
    chip.update(order);
    stepper.update(order);
    if (order.status !== "open") distance.show(null);
    actions.update(order);
    tick(Date.now());
  };
  update(order);
  if (order.status === "open") distance.wait();
  const showGroup = (members) => {
    heading.nameRole(roleOf(order, members));
    group.hidden = false;
    setText(group, groupSentence(members));
  };
  // The answer may come when the order does not rest any more.
  const showDistance = (found) => order.status === "open" && distance.show(found);
  return { node, update, tick, showDistance, showGroup };
}

/** In the shared sandbox, "Yours" marks what this browser placed; an account sees only its own. */
function createHeading(order, own) {
  const pays = element("span", { className: "numeric" });
  const receives = element("span", { className: "numeric" });
  const kind = element("span", { className: "kind" }, TYPE_NAMES[order.type] ?? order.type);
  const node = element(
    "h3",
    { className: "card-pair" },
    pays,
    icon("arrow"),
    element("span", { className: "visually-hidden" }, " to "),
    receives,
    kind,
    own && !account() ? element("span", { className: "kind own" }, "Yours") : null,
    order.scenario
      ? element("span", { className: "kind", title: "Scenario" }, order.scenario)
      : null,
    walletTag(order),
  );
  let paid = null;
  const update = (next) => {
    if (next.amountIn !== paid)
      pays.replaceChildren(amountElement(next.amountIn, tokenName(next.tokenIn)));
    paid = next.amountIn;
    showReceives(receives, next);
  };
  return { node, update, nameRole: (role) => setText(kind, role) };
}

/** Names the wallet of a bot that signed its order itself; an account's is the reader's own. */
function walletTag({ wallet, userId }) {
  if (!wallet || userId) return null;
  return element("span", { className: "kind", title: wallet }, `Wallet ${shorten(wallet, 4)}`);
}

function showReceives(node, order) {
  const symbol = tokenName(order.tokenOut);
  const known = order.amountOut !== null && order.amountOut !== undefined;
  setText(node, known ? `${amount(order.amountOut)} ${symbol}` : symbol);
  node.title = known
    ? `${plainDecimal(order.amountOut)} ${symbol}`
    : (findToken(order.tokenOut)?.mint ?? order.tokenOut);
}

/** What a fill was worth on either side; hidden before there is one. */
function showValues(node, { amountInUsd, amountOutUsd }) {
  node.hidden = amountInUsd == null || amountOutUsd == null;
  if (!node.hidden) setText(node, `Paid ${usd(amountInUsd)}, received ${usd(amountOutUsd)}`);
}

/** The status as an icon and a word. */
export function createChip() {
  const mark = icon("clock");
  const text = element("span");
  const node = element("span", { className: "status-chip" }, mark, text);
  const update = (order) => {
    const look = lookOf(order);
    node.dataset.look = look;
    setIcon(mark, ICONS[look]);
    setText(text, label(order));
  };
  return { node, update };
}

/** How far the market is from a resting order's trigger: {fraction, text}, or null to hide. */
export function createDistance() {
  const bar = element("progress", {
    className: "distance",
    max: 1,
    value: 0,
    attributes: { "aria-label": "Distance to trigger" },
  });
  const text = element("p", { className: "muted numeric distance-text" });
  const node = element("div", { className: "distance-box", hidden: true }, bar, text);
  const wait = () => {
    node.hidden = false;
    setText(text, "Asking the market");
  };
  const show = (distance) => {
    node.hidden = distance === null;
    if (!distance) return;
    bar.value = Math.max(0, Math.min(1, 1 - distance.fraction * 10)); // 10 % away is an empty bar.
    setText(text, distance.text);
  };
  return { node, show, wait };
}
