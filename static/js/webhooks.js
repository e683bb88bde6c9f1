/** The webhooks' page: where an account's events are sent, and what became of them. */

import { ApiProblem } from "./lib/api.js";
import { byId, copyButton, setText } from "./lib/elements.js";
import { account, onAccountChange } from "./lib/session.js";
import { whileVisible } from "./lib/ticker.js";
import { startShell } from "./shell.js";
import { EndpointCard } from "./webhooks/endpoint-card.js";
import { startNewWebhook } from "./webhooks/new-webhook-form.js";
import { deleteWebhook, listWebhooks } from "./webhooks/webhook-api.js";

const EVERY_MS = 3000;

const cards = new Map();
let doomed = null;

startShell();
startNewWebhook((endpoint) => {
  showSecret(endpoint);
  redraw();
});
const redraw = whileVisible(EVERY_MS, draw);
byId("webhooks-login").addEventListener("click", () => byId("account-button").click());
byId("secret-done").addEventListener("click", hideSecret);
for (const id of ["delete-close", "delete-keep"])
  byId(id).addEventListener("click", () => byId("delete-dialog").close());
byId("delete-confirm").addEventListener("click", remove);
onAccountChange(() => {
  hideSecret();
  cards.clear();
  byId("webhook-cards").replaceChildren();
  redraw();
});

async function draw() {
  byId("webhooks-closed").hidden = Boolean(account());
  byId("webhooks").hidden = !account();
  if (!account()) return;
  try {
    const { webhooks } = await listWebhooks();
    drawCards(webhooks);
    setText(byId("webhooks-state"), "");
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(byId("webhooks-state"), `Not up to date: ${problem.message}`);
  }
}

/** Cards that stay are updated where they are, so that nothing loses the focus. */
function drawCards(webhooks) {
  const box = byId("webhook-cards");
  const ids = new Set(webhooks.map(({ id }) => id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.node.remove();
    cards.delete(id);
  }
  for (const endpoint of webhooks) {
    const card = cards.get(endpoint.id);
    if (card) card.update(endpoint);
    else box.append(addCard(endpoint).node);
  }
  byId("webhooks-none").hidden = webhooks.length > 0;
}

function addCard(endpoint) {
  const card = new EndpointCard(endpoint, { onSecret: showSecret, onDelete: askToDelete });
  cards.set(endpoint.id, card);
  return card;
}

/** A secret is shown until it was put away; no answer tells it again. */
function showSecret({ url, secret }) {
  setText(byId("secret-url"), url);
  setText(byId("secret"), secret);
  byId("secret-copy").replaceChildren(copyButton(secret, "Copy the secret"));
  const panel = byId("secret-panel");
  panel.hidden = false;
  panel.focus();
}

function hideSecret() {
  byId("secret-panel").hidden = true;
  setText(byId("secret"), "");
  byId("secret-copy").replaceChildren();
}

function askToDelete(endpoint) {
  doomed = endpoint;
  setText(byId("delete-url"), endpoint.url);
  setText(byId("delete-error"), "");
  byId("delete-dialog").showModal();
}

async function remove({ currentTarget: button }) {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await deleteWebhook(doomed.id);
    byId("delete-dialog").close();
    redraw();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(byId("delete-error"), problem.message);
  } finally {
    button.disabled = false;
  }
}
