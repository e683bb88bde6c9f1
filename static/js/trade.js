/** The trading page: ticket, chart and orders around one store. */

import { AccountMoney } from "./account/account-money.js";
import { readOrder } from "./lib/api.js";
import { byId, setText } from "./lib/elements.js";
import { live } from "./lib/live.js";
import { directionOf } from "./lib/price-direction.js";
import { account, mayTrade, onAccountChange } from "./lib/session.js";
import { whileVisible } from "./lib/ticker.js";
import { openAmend } from "./manage/amend-dialog.js";
import { openCancelAll } from "./manage/cancel-all.js";
import { openPlaceAgain } from "./manage/place-again.js";
import { protectOrder } from "./manage/protect-dialog.js";
import { isOurs, isProtectable } from "./manage/protect-terms.js";
import { MarketPanel } from "./market/market-panel.js";
import { MoveControl } from "./market/move-control.js";
import { addTokenOptions, refreshTokens } from "./market/tokens.js";
import { followDistances } from "./orders/distance-polling.js";
import { toastEndings } from "./orders/ending-toasts.js";
import { OrderGroups } from "./orders/order-groups.js";
import { OrderList } from "./orders/order-list.js";
import { listShortcuts } from "./orders/order-shortcuts.js";
import { isOpen, isTerminal } from "./orders/order-state.js";
import { OrderStore } from "./orders/order-store.js";
import { Outbox } from "./orders/outbox.js";
import { showOutbox } from "./orders/outbox-list.js";
import { addShortcuts } from "./settings/shortcuts.js";
import { startShell } from "./shell.js";
import { SubmitForm } from "./ticket/submit-form.js";
import { readTicketLink, withoutTicket } from "./ticket/ticket-link.js";
import { ticketShortcuts } from "./ticket/ticket-shortcuts.js";

const WITHOUT_FEED_MS = 2000;

addTokenOptions(byId("tokens"));
const store = new OrderStore(live);
const outbox = new Outbox();
const groups = new OrderGroups(store);
const list = new OrderList(store, groups, [
  {
    name: "Again",
    action: "again",
    label: "Place again: order",
    offered: (order) => isTerminal(order) && isOurs(order),
    run: (orderId) => openPlaceAgain(orderId, outbox),
  },
  {
    name: "Amend",
    action: "amend",
    label: "Amend order",
    offered: (order) => isOpen(order) && isOurs(order),
    run: (orderId) => openAmend(orderId, (record) => store.put(record)),
  },
  {
    name: "Protect",
    action: "protect",
    label: "Protect what was bought by order",
    offered: isProtectable,
    run: (orderId) => protectOrder(orderId, readPlaced),
  },
]);
const market = new MarketPanel(store, (price) => form.dragPrice(price));
const move = new MoveControl();
const money = new AccountMoney(live);
const form = new SubmitForm(outbox, money, {
  show(pair) {
    market.show(pair);
    move.show(directionOf(pair.tokenIn, pair.tokenOut).base);
  },
  drawTicket: (line) => market.drawTicket(line),
});

startShell();
addShortcuts([...ticketShortcuts(), ...listShortcuts()]);
toastEndings(store);
showOutbox(outbox);
followDistances(list, store, live);
// The shell already lists the tokens; this adds launches.
fillFromAddress(refreshTokens().catch(() => null));

/** Takes in orders that this page has placed. */
async function readPlaced(ids) {
  for (const id of ids) {
    const record = await readOrder(id).catch(() => null);
    if (record) store.put(record, true);
  }
}

byId("cancel-all").addEventListener("click", () =>
  openCancelAll(list.parameters, () => store.readAgain()),
);
outbox.addEventListener("placed", ({ detail: { orderId, order } }) => {
  form.placed(orderId, order);
  readPlaced([orderId]);
});
outbox.addEventListener("waiting", ({ detail: { order } }) => form.waiting(order));
outbox.addEventListener("refused", ({ detail: { problem, order } }) =>
  form.refused(problem, order),
);
outbox.addEventListener("unclear", () => form.unclear());
outbox.resume();
addEventListener("online", () => outbox.sendNow());
// Whatever keeps the live feed away, orders are read all the same.
whileVisible(WITHOUT_FEED_MS, () => {
  if (mayTrade() && live.lostForMs >= WITHOUT_FEED_MS) store.readAgain();
});

/** Fills the ticket with what the address asks for, once the tokens in it are known. */
async function fillFromAddress(allTokensKnown) {
  const names = ({ ignored }) => ignored.some((name) => name.startsWith("token"));
  let link = readTicketLink(location.search);
  if (!link) return;
  if (names(link)) {
    await allTokensKnown;
    link = readTicketLink(location.search);
  }
  form.fill(link);
  history.replaceState(null, "", withoutTicket(location.href));
}

function drawScope() {
  byId("scope-line").hidden = !mayTrade();
  setText(
    byId("scope-text"),
    account()
      ? "Your orders. Nobody else sees them."
      : "Shared sandbox: everyone who opens this page sees these orders and can cancel them.",
  );
}
onAccountChange(() => {
  drawScope();
  money.clear();
  store.clear();
  groups.clear();
  list.reload();
  outbox.resume();
});
drawScope();
