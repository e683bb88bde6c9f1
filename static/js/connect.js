/** The page for whoever brings a bot: addresses to copy, a wallet, and paper money for it. */

import { createKeypair } from "./connect/keypair.js";
import { ApiProblem, askFaucet, readWallet } from "./lib/api.js";
import { amountElement, byId, copyButton, element, setText } from "./lib/elements.js";
import { showProblem } from "./lib/toast.js";
import { startShell } from "./shell.js";

const NONE_CHOSEN = "No wallet chosen";
const address = byId("wallet-address");
let made = null; // The address that the secret key on the page opens.

startShell();
for (const [id, label] of [
  ["jupiter-address", "Copy the API's address"],
  ["rpc-address", "Copy the RPC node's address"],
]) {
  byId(id).after(copyButton(byId(id).textContent, label));
}
byId("new-wallet").addEventListener("click", makeWallet);
byId("wallet-form").addEventListener("submit", getMoney);
address.addEventListener("input", edited);
address.addEventListener("change", () => shown(() => readWallet(address.value.trim())));

/** A secret key stands on the page only beside the address that it opens. */
function edited() {
  complain("");
  byId("secret").hidden = address.value.trim() !== made;
}

async function makeWallet() {
  try {
    const keypair = await createKeypair();
    made = keypair.address;
    address.value = made;
    setText(byId("secret-key"), JSON.stringify(keypair.secretKey));
    edited();
    await shown(() => readWallet(made));
  } catch {
    showProblem("No new wallet", "This browser cannot make Ed25519 keys; paste an address.");
  }
}

async function getMoney(event) {
  event.preventDefault();
  const { token, amount } = event.submitter.dataset;
  event.submitter.disabled = true;
  await shown(() => askFaucet(address.value.trim(), { token, amount }));
  event.submitter.disabled = false;
}

/** Draws the wallet that `ask` returns, or says why there is none. */
async function shown(ask) {
  if (!address.value.trim()) return;
  try {
    draw(await ask());
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    const [reason] = Object.values(problem.errors).flat();
    if (reason) refuse(reason);
    else showProblem("The wallet is unchanged", problem.message);
  }
}

/** The address is none: what is shown of an earlier one would pass for its balances. */
function refuse(reason) {
  complain(reason);
  setText(byId("wallet-state"), NONE_CHOSEN);
  byId("wallet-balances").replaceChildren();
}

function complain(reason) {
  address.ariaInvalid = String(Boolean(reason));
  setText(byId("wallet-error"), reason);
}

function draw({ wallet, balances }) {
  const state = balances.length ? `Balances of ${wallet}` : `${wallet} is empty`;
  setText(byId("wallet-state"), state);
  const rows = balances.map(({ token, total }) =>
    element(
      "div",
      {},
      element("dt", {}, token),
      element("dd", { className: "numeric" }, amountElement(total, token)),
    ),
  );
  byId("wallet-balances").replaceChildren(...rows);
}
