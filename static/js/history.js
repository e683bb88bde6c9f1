/** The history page: all orders that have ended, as a table to sort, filter and export. */

import { dayBefore, historyQuery } from "./history/history-rows.js";
import { HistoryTable } from "./history/history-table.js";
import { ApiProblem, exportOrders } from "./lib/api.js";
import { byId, element, setText } from "./lib/elements.js";
import { mayTrade, onAccountChange } from "./lib/session.js";
import { showProblem } from "./lib/toast.js";
import { refreshTokens } from "./market/tokens.js";
import { OrderPages } from "./orders/order-pages.js";
import { VIEWS } from "./orders/order-state.js";
import { startShell } from "./shell.js";

const READ_AT_ONCE = 500;
const FIELDS = ["from", "to", "status", "type", "tokenIn", "tokenOut"];

const form = byId("history-filters");
const table = new HistoryTable();
let pages = null;
let rows = [];

startShell();
readAddress();
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", changed);
for (const button of byId("history-ranges").children)
  button.addEventListener("click", () => pickRange(Number(button.dataset.days)));
byId("history-refresh").addEventListener("click", reload);
byId("history-more").addEventListener("click", readMore);
byId("history-export").addEventListener("click", exportCsv);
addEventListener("popstate", () => {
  readAddress();
  reload();
});
onAccountChange(reload);
refreshTokens()
  .catch(() => null)
  .then(reload);

function query() {
  const typed = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  return historyQuery(typed, VIEWS.history);
}

function reload() {
  const { status, ...terms } = query();
  pages = new OrderPages(status.split(","), terms);
  rows = [];
  return readMore();
}

async function readMore() {
  const mine = pages;
  byId("history-more").disabled = true;
  setText(byId("history-state"), "Reading the orders");
  try {
    const found = await mine.more(READ_AT_ONCE);
    if (mine !== pages) return;
    rows.push(...found);
    table.show(rows, noneText());
    setText(byId("history-state"), stateText());
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (mine !== pages) return;
    if (!rows.length) table.show([], mayTrade() ? problem.message : "Log in to see your orders.");
    setText(byId("history-state"), "The orders could not be read.");
  } finally {
    byId("history-more").disabled = false;
    byId("history-more").hidden = pages.ended;
  }
}

function stateText() {
  const shown = rows.length.toLocaleString("en");
  return pages.ended ? `${shown} found` : `The newest ${shown}; there are more`;
}

function noneText() {
  return FIELDS.some((name) => form.elements[name].value)
    ? "No order matches these filters."
    : "No order has ended yet.";
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
