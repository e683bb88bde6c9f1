/** The dialog to sign up, log in and log out, which also says who sees an order. */

import { ApiProblem, signIn, signOut, signUp } from "../lib/api.js";
import { byId, setText } from "../lib/elements.js";
import { account, logIn, logOut, onAccountChange, sessionHasEnded } from "../lib/session.js";
import { CoolDown } from "./cool-down.js";
import { startPasswordForm } from "./password-form.js";
import { showSessions, startSessions } from "./sessions.js";

const TEXTS = {
  login: {
    title: "Log in",
    other: "Sign up",
    question: "No account yet?",
    autocomplete: "current-password",
    send: signIn,
  },
  signup: {
    title: "Sign up",
    other: "Log in",
    question: "Have an account?",
    autocomplete: "new-password",
    send: signUp,
  },
};

/** Wires the header's button, the dialog, and the notice of a session that has ended. */
export function startAccount() {
  const dialog = byId("account-dialog");
  const form = byId("account-form");
  const coolDown = new CoolDown(byId("account-submit"), TEXTS.login.title);
  let mode = "login";

  const show = (next) => {
    mode = next;
    const text = TEXTS[mode];
    setText(byId("account-title"), text.title);
    coolDown.setLabel(text.title);
    setText(byId("account-switch-text"), text.question);
    setText(byId("account-switch"), text.other);
    byId("account-password").autocomplete = text.autocomplete;
    showErrors({}, "");
  };
  const open = () => {
    form.hidden = Boolean(account());
    byId("account-details").hidden = !account();
    dialog.setAttribute("aria-labelledby", account() ? "account-details-title" : "account-title");
    show("login");
    dialog.showModal();
    if (account()) showSessions();
  };
  for (const id of ["account-button", "session-login"]) byId(id).addEventListener("click", open);
  byId("session-leave")?.addEventListener("click", logOut);
  byId("account-switch").addEventListener("click", () =>
    show(mode === "login" ? "signup" : "login"),
  );
  for (const id of ["account-close", "account-details-close"])
    byId(id).addEventListener("click", () => dialog.close());
  byId("account-logout").addEventListener("click", () => {
    dialog.close();
    signOut().catch(() => null); // Whoever cannot be told: here, nobody is logged in any more.
    logOut();
  });
  startSessions(() => dialog.close());
  startPasswordForm(showSessions);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send(form, TEXTS[mode], dialog, coolDown);
  });
  onAccountChange(drawAccount);
  drawAccount();
}

async function send(form, text, dialog, coolDown) {
  const button = byId("account-submit");
  if (button.disabled) return;
  button.disabled = true;
  showErrors({}, "");
  try {
    logIn(
      await text.send({
        email: form.elements.email.value.trim(),
        password: form.elements.password.value,
      }),
    );
    form.reset();
    dialog.close();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    showErrors(problem.errors, problem.message);
    coolDown.heed(problem);
  } finally {
    button.disabled = coolDown.waits;
  }
}

function showErrors(errors, message) {
  const fields = ["email", "password"];
  for (const name of fields) {
    setText(byId(`account-${name}-error`), (errors[name] ?? []).join(" "));
    byId(`account-${name}`).ariaInvalid = String(Boolean(errors[name]));
  }
  setText(byId("account-error"), fields.some((name) => errors[name]) ? "" : message);
}

function drawAccount() {
  const user = account()?.user;
  setText(byId("account-name"), user ? user.email : "Log in");
  setText(byId("account-email-shown"), user?.email ?? "");
  byId("session-notice").hidden = !sessionHasEnded();
}
