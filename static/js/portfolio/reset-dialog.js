/** Starting over, after a confirmation, with the balances of a new account or chosen ones. */

import { ApiProblem, resetAccount } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { readBalances } from "./starting-balances.js";

const MOST_ROWS = 10;

/** `onReset()` is called once the account has started over. */
export function startReset(onReset) {
  const dialog = byId("reset-dialog");
  byId("reset-open").addEventListener("click", () => {
    say("");
    dialog.showModal();
  });
  for (const id of ["reset-close", "reset-keep"])
    byId(id).addEventListener("click", () => dialog.close());
  byId("reset-add").addEventListener("click", addRow);
  byId("reset-choice").addEventListener("change", drawChoice);
  byId("reset-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send(dialog, onReset);
  });
  drawChoice();
}

function isChosen() {
  return byId("reset-form").elements.balances.value === "chosen";
}

function drawChoice() {
  byId("reset-chosen").hidden = !isChosen();
  byId("reset-opening").hidden = isChosen();
  say("");
}

function rows() {
  return [...byId("reset-rows").children];
}

function addRow() {
  const fresh = rows()[0].cloneNode(true);
  fresh.querySelector("input").value = "";
  fresh.querySelector("select").selectedIndex = rows().length;
  byId("reset-rows").append(fresh);
  byId("reset-add").hidden = rows().length >= MOST_ROWS;
  fresh.querySelector("select").focus();
}

function readRow(row) {
  const select = row.querySelector("select");
  const decimals = Number(select.selectedOptions[0].dataset.decimals);
  return { token: select.value, decimals, text: row.querySelector("input").value };
}

async function send(dialog, onReset) {
  const button = byId("reset-confirm");
  if (button.disabled) return;
  const wish = isChosen() ? readBalances(rows().map(readRow)) : {};
  if (wish.problem) {
    rows()[wish.index].querySelector("input").focus();
    return say(wish.problem);
  }
  button.disabled = true;
  try {
    await resetAccount(wish);
    dialog.close();
    onReset();
  } catch (refusal) {
    if (!(refusal instanceof ApiProblem)) throw refusal;
    say(refusal.message);
  } finally {
    button.disabled = false;
  }
}

function say(text) {
  setText(byId("reset-error"), text);
}
