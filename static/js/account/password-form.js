/** Another password for the account; all other sessions end with it. */

import { ApiProblem, changePassword } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { logIn } from "../lib/session.js";
import { CoolDown } from "./cool-down.js";

const FIELDS = ["currentPassword", "newPassword"];

/** Wires the form; `onChanged()` is called once the password is another. */
export function startPasswordForm(onChanged) {
  const form = byId("password-form");
  const coolDown = new CoolDown(byId("password-submit"), "Change password");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!byId("password-submit").disabled) send(form, coolDown, onChanged);
  });
}

async function send(form, coolDown, onChanged) {
  const button = byId("password-submit");
  button.disabled = true;
  say("", "");
  try {
    const values = FIELDS.map((name) => [name, form.elements[name].value]);
    logIn(await changePassword(Object.fromEntries(values)));
    form.reset();
    say("good", "Your password is changed. Every other session has ended.");
    onChanged();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    say("bad", Object.values(problem.errors).flat().join(" ") || problem.message);
    coolDown.heed(problem);
  } finally {
    button.disabled = coolDown.waits;
  }
}

function say(kind, text) {
  byId("password-result").dataset.kind = kind;
  setText(byId("password-result"), text);
}
