/** The form that makes an endpoint. */

import { ApiProblem } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { createWebhook } from "./webhook-api.js";

/** `onMade(endpoint)` gets the endpoint with its secret. */
export function startNewWebhook(onMade) {
  const form = byId("new-webhook");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, onMade);
  });
  form.addEventListener("input", () => showErrors({}, ""));
  form.addEventListener("change", () => drawStatuses(form));
  drawStatuses(form);
}

/** Statuses are chosen only where not all are wanted. */
function drawStatuses(form) {
  byId("webhook-statuses").hidden = form.elements.which.value === "all";
}

async function send(form, onMade) {
  const button = byId("webhook-submit");
  if (button.disabled) return;
  const wish = readWish(form);
  if (!wish.url) {
    byId("webhook-url").focus();
    return showErrors({ url: ["Give the address that events are to be sent to."] }, "");
  }
  button.disabled = true;
  try {
    onMade(await createWebhook(wish));
    form.reset();
    drawStatuses(form);
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    showErrors(problem.errors, problem.message);
  } finally {
    button.disabled = false;
  }
}

function readWish(form) {
  const chosen = [...form.querySelectorAll("[name=status]:checked")].map(({ value }) => value);
  const wish = { url: form.elements.url.value.trim() };
  if (form.elements.which.value === "some") wish.events = chosen;
  if (form.elements.strings.checked) wish.amounts = "string";
  return wish;
}

function showErrors(errors, message) {
  for (const name of ["url", "events"]) {
    setText(byId(`webhook-${name}-error`), (errors[name] ?? []).join(" "));
  }
  byId("webhook-url").ariaInvalid = String(Boolean(errors.url));
  setText(byId("webhook-error"), errors.url || errors.events ? "" : message);
}
