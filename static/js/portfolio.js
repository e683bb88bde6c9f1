/** The portfolio page: what the account has, what it gained, what it did. */

import { AccountMoney } from "./account/account-money.js";
import {
  ApiProblem,
  readAccount,
  readBalances,
  readEquity,
  readFills,
  readLedger,
  readPositions,
} from "./lib/api.js";
import { byId, element, setText } from "./lib/elements.js";
import { duration, plainDecimal, usd } from "./lib/format.js";
import { live } from "./lib/live.js";
import { account, onAccountChange } from "./lib/session.js";
import { whileVisible } from "./lib/ticker.js";
import { openProtect } from "./manage/protect-dialog.js";
import { DOLLARS } from "./manage/protect-terms.js";
import { createEquityChart } from "./portfolio/equity-chart.js";
import { startFaucet } from "./portfolio/faucet-form.js";
import { PagedTable } from "./portfolio/paged-table.js";
import { curveText, dayChange, direction } from "./portfolio/portfolio-text.js";
import { startReset } from "./portfolio/reset-dialog.js";
import {
  balanceRows,
  emptyRow,
  fillRow,
  ledgerRow,
  positionRows,
  profit,
} from "./portfolio/tables.js";
import { startShell } from "./shell.js";

const EVERY_MS = 5000;
const POINTS = 200;
const NONE = "None yet.";
const protectButtons = new Map(); // token -> button

const money = new AccountMoney(live);
const history = {
  fill: new PagedTable("fill", {
    read: (page) => readFills(page).then(({ fills, ...rest }) => ({ items: fills, ...rest })),
    keyOf: ({ orderId }) => orderId,
    row: fillRow,
    columns: 5,
    none: "No fills yet.",
  }),
  ledger: new PagedTable("ledger", {
    read: (page) =>
      readLedger(page).then(({ transfers, ...rest }) => ({ items: transfers, ...rest })),
    keyOf: ({ transferId }) => transferId,
    row: (transfer) => ledgerRow(transfer, byId("wallet-address").textContent),
    columns: 4,
    none: "No transfers yet.",
  }),
};
const chart = createEquityChart(byId("equity-chart")).catch(() => null);

startShell();
startFaucet(() => redraw());
startReset(() => redraw());
const redraw = whileVisible(EVERY_MS, draw);
money.addEventListener("change", redraw);
byId("equity-interval").addEventListener("change", redraw);
byId("history-choice").addEventListener("change", () => {
  drawHistory();
  redraw();
});
byId("portfolio-login").addEventListener("click", () => byId("account-button").click());
onAccountChange(() => {
  for (const table of Object.values(history)) table.clear();
  money.clear();
});
drawHistory();
drawAccess();

function drawAccess() {
  byId("portfolio-closed").hidden = Boolean(account());
  byId("portfolio").hidden = !account();
}

async function draw() {
  drawAccess();
  if (!account()) return setText(byId("portfolio-state"), "");
  const interval = document.querySelector("#equity-interval input:checked").value;
  try {
    const [summary, { balances }, positions, { points }] = await Promise.all([
      readAccount(),
      readBalances(),
      readPositions(),
      readEquity({ interval, limit: POINTS }),
    ]);
    drawSummary(summary);
    await history[shownHistory()].refresh();
    drawRows("balance-rows", balanceRows(balances), 6);
    drawPositions(positions);
    await drawCurve(points);
    setText(byId("portfolio-state"), `Values follow the market every ${duration(EVERY_MS)}`);
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(byId("portfolio-state"), `Not up to date: ${problem.message}`);
  }
}

function shownHistory() {
  return document.querySelector("#history-choice input:checked").value;
}

function drawHistory() {
  for (const name of Object.keys(history)) byId(`${name}-history`).hidden = name !== shownHistory();
}

function drawSummary({ equityUsd, change24hUsd, change24hPercent, wallet }) {
  setText(byId("equity"), usd(equityUsd));
  const change = byId("equity-change");
  setText(change, dayChange(change24hUsd, change24hPercent));
  change.dataset.direction = direction(change24hUsd);
  setText(byId("wallet-address"), wallet);
}

function drawPositions({ positions, unrealisedProfitUsd, realisedProfitUsd }) {
  drawRows("position-rows", positionRows(positions, protectButton), 8);
  byId("unrealised").replaceChildren(profit(unrealisedProfitUsd));
  byId("realised").replaceChildren(profit(realisedProfitUsd));
}

/** The same button each time the rows are drawn, so that it keeps the focus. */
function protectButton({ token, quantity }) {
  if (DOLLARS.has(token) || !(Number(quantity) > 0)) return null;
  if (!protectButtons.has(token)) {
    const button = element(
      "button",
      {
        type: "button",
        className: "button quiet small",
        attributes: { "aria-label": `Protect ${token}` },
      },
      "Protect",
    );
    button.addEventListener("click", () =>
      openProtect({ token, quote: "USDC", held: button.value }, redraw),
    );
    protectButtons.set(token, button);
  }
  const button = protectButtons.get(token);
  button.value = plainDecimal(quantity);
  return button;
}

function drawRows(id, rows, columns) {
  const focused = document.activeElement;
  byId(id).replaceChildren(...(rows.length ? rows : [emptyRow(columns, NONE)]));
  if (focused.isConnected) focused.focus({ preventScroll: true });
}

async function drawCurve(points) {
  const box = byId("equity-chart");
  box.setAttribute("aria-label", curveText(points));
  (await chart)?.show(points);
}
