/** The page for whoever brings a bot: addresses to copy, a wallet, and paper money for it. */

import { createKeypair } from "./connect/keypair.js";
import { ApiProblem, askFaucet, readWallet } from "./lib/api.js";
import { amountElement, byId, copyButton, element, setText } from "./lib/elements.js";
import { showProblem } from "./lib/toast.js";
import { startShell } from "./shell.js";

const address = byId("wallet-address");

startShell();
for (const [id, label] of [
  ["jupiter-address", "Copy the API's address"],
  ["rpc-address", "Copy the RPC node's address"],
]) {
  byId(id).after(copyButton(byId(id).textContent, label));
}
byId("new-wallet").addEventListener("click", makeWallet);
byId("wallet-form").addEventListener("submit", getMoney);
address.addEventListener("change", () => shown(() => readWallet(address.value.trim())));

async function makeWallet() {
  try {
    const made = await createKeypair();
    address.value = made.address;
    setText(byId("secret-key"), JSON.stringify(made.secretKey));
    byId("secret").hidden = false;
    await shown(() => readWallet(made.address));
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
    showProblem("The wallet is unchanged", reason ?? problem.message);
  }
}

function draw({ wallet, balances }) {
  setText(byId("wallet-state"), balances.length ? `${wallet} has` : `${wallet} is empty`);
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
