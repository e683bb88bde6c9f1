/** The faucet: paper money on request. */

import { ApiProblem, fundAccount } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { amountProblem, readDecimal } from "../lib/exact-amount.js";
import { amount } from "../lib/format.js";

/** `onGiven()` is called once there is more money. */
export function startFaucet(onGiven) {
  const form = byId("faucet");
  if (!form) return; // This service has none.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(onGiven);
  });
  form.addEventListener("input", () => say("", ""));
}

async function send(onGiven) {
  const [select, input] = [byId("faucet-token"), byId("faucet-amount")];
  const button = byId("faucet-submit");
  if (button.disabled) return;
  const token = select.value;
  const problem = amountProblem(
    input.value,
    Number(select.selectedOptions[0].dataset.decimals),
    token,
  );
  if (problem) {
    input.focus();
    return say("bad", problem);
  }
  button.disabled = true;
  try {
    const wish = { token, amount: readDecimal(input.value) };
    await fundAccount(wish);
    say("good", `Added ${amount(wish.amount)} ${token}.`);
    input.value = "";
    onGiven();
  } catch (refusal) {
    if (!(refusal instanceof ApiProblem)) throw refusal;
    say("bad", refusal.message);
  } finally {
    button.disabled = false;
  }
}

function say(kind, text) {
  byId("faucet-amount").ariaInvalid = String(kind === "bad");
  byId("faucet-result").dataset.kind = kind;
  setText(byId("faucet-result"), text);
}
