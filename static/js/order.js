/** The page of one order. It needs nothing but its link, and stays live. */

import { readQuotes } from "./lib/api.js";
import { byId, copy, copyButton, element, icon, setText } from "./lib/elements.js";
import { amount, dateTime } from "./lib/format.js";
import { live } from "./lib/live.js";
import { notice } from "./lib/notices.js";
import { setPageTitle } from "./lib/page-title.js";
import { directionOf, invertPair, onInvert } from "./lib/price-direction.js";
import { account, mayTrade, onAccountChange } from "./lib/session.js";
import { everySecond, whileVisible } from "./lib/ticker.js";
import { showProblem } from "./lib/toast.js";
import { createOrderActions } from "./manage/order-actions.js";
import { refreshTokens, tokenName } from "./market/tokens.js";
import { endingNotice } from "./orders/ending-toasts.js";
import { groupPanel } from "./orders/group-panel.js";
import { createChip, createDistance } from "./orders/order-card.js";
import {
  executionFacts,
  quoteComparison,
  termFacts,
  transactionFacts,
} from "./orders/order-facts.js";
import { readGroup } from "./orders/order-groups.js";
import { orderShortcuts } from "./orders/order-shortcuts.js";
import { isTerminal } from "./orders/order-state.js";
import { OrderWatch } from "./orders/order-watch.js";
import { Outbox } from "./orders/outbox.js";
import { PriceStream } from "./orders/price-stream.js";
import { advice, TYPE_NAMES, timing } from "./orders/status-text.js";
import { createStepper } from "./orders/stepper.js";
import { timelineEntries } from "./orders/timeline.js";
import { priceDistance } from "./orders/trigger-distance.js";
import { addShortcuts } from "./settings/shortcuts.js";
import { startShell } from "./shell.js";

const WITHOUT_FEED_MS = 2000;
const LOOK_MS = 4000;

const orderId = decodeURIComponent(location.pathname.split("/").pop());
const watch = new OrderWatch(orderId, live);
const outbox = new Outbox();
const prices = new PriceStream(live);
const stepper = createStepper({ announce: true });
const chip = createChip();
const distance = createDistance();
const when = element("span", { className: "numeric" });
const advicePanel = element("div", { className: "advice", hidden: true });
let shown = null;
let sequence = 0;
let group = [];

watch.addEventListener("change", ({ detail }) => {
  if (detail.live && isTerminal(detail.order)) notice(endingNotice(detail.order));
  draw(detail);
});
watch.addEventListener("missing", ({ detail }) => showMissing(detail));
onAccountChange(() => location.reload());
onInvert(() => watch.read()); // Here or in another tab.
byId("prices-invert").addEventListener("click", () => invertPair(...pairOf(shown)));
startShell();
refreshTokens()
  .catch(() => null)
  .then(() => watch.read());
everySecond((now) => shown && setText(when, timing(shown, now)));
const askDistance = whileVisible(LOOK_MS, showDistance);
live.addEventListener("connected", askDistance);
document.addEventListener("visibilitychange", () => document.hidden && prices.stop());
whileVisible(LOOK_MS, () => !group.every(isTerminal) && readSiblings());
const drawActions = createOrderActions(byId("order-actions"), byId("order-title"), {
  outbox,
  onChange: () => watch.catchUp(),
});
addShortcuts(orderShortcuts());
byId("copy-raw").addEventListener("click", async ({ target }) => {
  setText(target, (await copy(byId("raw").textContent)) ? "Copied" : "Copying is not allowed");
  setTimeout(() => setText(target, "Copy"), 1500);
});
outbox.addEventListener("placed", ({ detail }) =>
  location.assign(`/orders/${encodeURIComponent(detail.orderId)}`),
);
outbox.addEventListener("refused", ({ detail }) =>
  showProblem("Order not placed", detail.problem.message),
);
outbox.addEventListener("unclear", () =>
  showProblem("No answer in time", "Look for the order in the list before you place it again."),
);
outbox.resume();
addEventListener("online", () => outbox.sendNow());
// Whatever keeps the live feed away, the order is read all the same.
whileVisible(WITHOUT_FEED_MS, () => {
  if (live.state !== "connected" && shown && !isTerminal(shown)) return watch.read();
});

function draw({ order, history }) {
  const first = !shown;
  shown = order;
  byId("order-page").ariaBusy = "false";
  byId("order-page").hidden = false;
  byId("order-missing").hidden = true;
  if (first) drawOnce(order);
  drawTitle(order);
  drawDirection(order);
  stepper.update(order);
  chip.update(order);
  setText(when, timing(order, Date.now()));
  if (order.status !== "open") distance.show(null);
  drawActions(order);
  drawAdvice(order);
  byId("timeline").replaceChildren(...timelineEntries(order, history));
  byId("execution").replaceChildren(executionFacts(order, history));
  byId("terms").replaceChildren(...termFacts(order));
  if (order.sequence !== sequence) readSiblings();
  sequence = order.sequence;
  fill("routing", quoteComparison(order, history));
  fill("transaction", transactionFacts(order));
  setText(byId("raw"), JSON.stringify(watch.raw, null, 2));
}

const pairOf = ({ tokenIn, tokenOut }) => [tokenName(tokenIn), tokenName(tokenOut)];

function drawDirection(order) {
  const button = byId("prices-invert");
  const { base, quote, unit } = directionOf(...pairOf(order));
  setText(button.querySelector("span"), unit);
  button.setAttribute("aria-label", `Prices are in ${unit}. Show them as ${base} per ${quote}`);
  button.hidden = false;
}

function drawTitle(order) {
  const paid = `${amount(order.amountIn)} ${tokenName(order.tokenIn)}`;
  const out = tokenName(order.tokenOut);
  setPageTitle(`${paid} to ${out} · Order Execution Engine`);
  byId("order-title").replaceChildren(
    paid,
    icon("arrow"),
    element("span", { className: "visually-hidden" }, " to "),
    out,
    element("span", { className: "kind" }, TYPE_NAMES[order.type] ?? order.type),
    chip.node,
  );
}

function drawOnce(order) {
  byId("order-meta").replaceChildren(
    element(
      "span",
      { className: "copyable" },
      element("span", { className: "mono" }, orderId),
      copyButton(orderId, "Copy order id"),
    ),
    element("time", { dateTime: order.createdAt }, `placed ${dateTime(order.createdAt)}`),
    when,
  );
  byId("progress").replaceChildren(stepper.node, distance.node, advicePanel);
  if (order.status === "open" && order.type !== "sniper") distance.wait();
  askDistance();
}

/** The orders of its group: their ends and amendments are no events of this order. */
async function readSiblings() {
  if (!shown?.ocoGroup) return;
  const members = await readGroup(shown.ocoGroup);
  if (!members || sameMembers(members, group)) return;
  group = members;
  fill("group", groupPanel(group, orderId));
}

function sameMembers(one, other) {
  const told = (members) => members.map(({ orderId: id, sequence }) => `${id} ${sequence}`).join();
  return told(one) === told(other);
}

function fill(name, content) {
  byId(`${name}-panel`).hidden = !content;
  if (content) byId(name).replaceChildren(content);
}

function drawAdvice(order) {
  advicePanel.hidden = order.status !== "failed";
  if (advicePanel.hidden) return;
  const paid = `${amount(order.amountIn)} ${tokenName(order.tokenIn)}`;
  const part = (title, text) =>
    element("div", {}, element("h2", {}, title), element("p", {}, text));
  advicePanel.replaceChildren(
    part("What happened", order.failReason ?? "The swap was not executed."),
    part("Did funds move?", `No. ${paid} stayed where it was; no transaction landed.`),
    part("What to do", advice(order.failCode)),
  );
}

async function showDistance() {
  if (shown?.status !== "open" || shown.type === "sniper") return prices.stop();
  const left = await prices.follow([[shown, drawDistance]]);
  if (!left.length) return;
  const { tokenIn, tokenOut, amountIn } = shown;
  const answer = await readQuotes({ tokenIn, tokenOut, amountIn }).catch(() => null);
  if (answer) drawDistance(answer);
}

function drawDistance(answer) {
  if (shown.status === "open") distance.show(priceDistance(shown, answer));
}

function showMissing(problem) {
  byId("order-page").hidden = true;
  const box = byId("order-missing");
  box.hidden = false;
  const unknown = problem.code === "order_not_found";
  const text = unknown ? unknownText() : problem.message;
  const again = element(
    "button",
    { type: "button", className: "button" },
    mayTrade() ? "Try again" : "Log in",
  );
  again.addEventListener("click", () =>
    mayTrade() ? watch.read() : byId("account-button").click(),
  );
  box.replaceChildren(
    element("h1", {}, missingTitle(unknown)),
    element("p", {}, text),
    unknown ? element("a", { className: "button", href: "/" }, "Back to trading") : again,
  );
}

function unknownText() {
  const text = "There is no order with this id.";
  return account() ? text : `${text} If it belongs to your account, log in to see it.`;
}

function missingTitle(unknown) {
  if (unknown) return "No such order";
  return mayTrade() ? "The order could not be read" : "Log in to see this order";
}
