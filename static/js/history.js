/** The history page: all orders that have ended, as a live table to sort, filter and export. */

import { dayBefore, historyQuery, noneText } from "./history/history-rows.js";
import { HistoryTable } from "./history/history-table.js";
import { PastOrders } from "./history/past-orders.js";
import { ApiProblem, exportOrders, listOrders } from "./lib/api.js";
import { byId, element, setText } from "./lib/elements.js";
import { live } from "./lib/live.js";
import { mayTrade, onAccountChange } from "./lib/session.js";
import { whileVisible } from "./lib/ticker.js";
import { showProblem } from "./lib/toast.js";
import { refreshTokens } from "./market/tokens.js";
import { VIEWS } from "./orders/order-state.js";
import { OrderStore } from "./orders/order-store.js";
import { startShell } from "./shell.js";

const WITHOUT_FEED_MS = 10_000;
const DRAW_DELAY_MS = 500; // So that a burst is drawn, and read out, at once.
const FIELDS = ["from", "to", "status", "type", "tokenIn", "tokenOut"];

const form = byId("history-filters");
const table = new HistoryTable();
const store = new OrderStore(live);
const past = new PastOrders(store, listOrders);
let drawing = null;

startShell();
readAddress();
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", changed);
for (const button of byId("history-ranges").children)
  button.addEventListener("click", () => pickRange(Number(button.dataset.days)));
byId("history-more").addEventListener("click", () => read(() => past.more()));
byId("history-export").addEventListener("click", exportCsv);
addEventListener("popstate", () => {
  readAddress();
  reload();
});
onAccountChange(() => {
  store.clear();
  reload();
});
past.addEventListener("change", () => {
  drawing ??= setTimeout(() => draw({ marksNew: true }), DRAW_DELAY_MS);
});
refreshTokens()
  .catch(() => null)
  .then(reload);
// Whatever keeps the live feed away, the table follows all the same.
whileVisible(WITHOUT_FEED_MS, () => {
  if (mayTrade() && !["connecting", "connected"].includes(live.state)) past.refresh();
});

function typed() {
  return Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
}

function query() {
  return historyQuery(typed(), VIEWS.history);
}

function reload() {
  return read(() => past.start(query()));
}

/** Shows what `reading` brings, or why it brings nothing. */
async function read(reading) {
  byId("history-more").disabled = true;
  setText(byId("history-state"), "Reading the orders");
  try {
    if (await reading()) draw();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (!past.rows.length)
      table.show([], { none: mayTrade() ? problem.message : "Log in to see your orders." });
    setText(byId("history-state"), "The orders could not be read.");
  } finally {
    byId("history-more").disabled = false;
  }
}

function draw({ marksNew = false } = {}) {
  clearTimeout(drawing);
  drawing = null;
  table.show(past.rows, { none: noneText(typed()), marksNew });
  setText(byId("history-state"), stateText());
  byId("history-more").hidden = past.ended;
}

function stateText() {
  const shown = past.rows.length.toLocaleString("en");
  return past.ended ? `${shown} found` : `The newest ${shown}; there are more`;
}

function changed() {
  const address = new URL(location.href);
  address.search = new URLSearchParams(
    FIELDS.map((name) => [name, form.elements[name].value]).filter(([, value]) => value),
  );
  history.pushState(null, "", address);
  markRange();
  reload();
}

function readAddress() {
  const wanted = new URLSearchParams(location.search);
  for (const name of FIELDS) {
    const field = form.elements[name];
    field.value = wanted.get(name) ?? "";
    if (field.selectedIndex === -1) field.value = "";
  }
  markRange();
}

function pickRange(days) {
  form.elements.from.value = days ? dayBefore(days - 1) : "";
  form.elements.to.value = "";
  changed();
}

/** Shows which of the usual stretches of time is chosen, if it is one of them. */
function markRange() {
  const [from, to] = [form.elements.from.value, form.elements.to.value];
  for (const button of byId("history-ranges").children) {
    const days = Number(button.dataset.days);
    button.ariaPressed = String(!to && from === (days ? dayBefore(days - 1) : ""));
  }
}

/** The same orders as a file; the address alone would not carry who is logged in. */
async function exportCsv({ currentTarget: button }) {
  if (button.disabled) return;
  button.disabled = true;
  try {
    const href = URL.createObjectURL(await exportOrders(query()));
    element("a", { href, download: "orders.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 0);
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    showProblem("Not exported", problem.message);
  } finally {
    button.disabled = false;
  }
}
