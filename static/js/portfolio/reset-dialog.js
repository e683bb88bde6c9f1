/** Starting over, after a confirmation. */

import { ApiProblem, resetAccount } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";

/** `onReset()` is called once the account has started over. */
export function startReset(onReset) {
  const dialog = byId("reset-dialog");
  byId("reset-open").addEventListener("click", () => {
    setText(byId("reset-error"), "");
    dialog.showModal();
  });
  for (const id of ["reset-close", "reset-keep"])
    byId(id).addEventListener("click", () => dialog.close());
  byId("reset-confirm").addEventListener("click", () => send(dialog, onReset));
}

async function send(dialog, onReset) {
  const button = byId("reset-confirm");
  if (button.disabled) return;
  button.disabled = true;
  try {
    await resetAccount();
    dialog.close();
    onReset();
  } catch (refusal) {
    if (!(refusal instanceof ApiProblem)) throw refusal;
    setText(byId("reset-error"), refusal.message);
  } finally {
    button.disabled = false;
  }
}
