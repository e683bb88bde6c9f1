/** The account's sessions: listed, ended one by one or all at once. */

import { ApiProblem, endSession, listSessions, signOutEverywhere } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { logOut } from "../lib/session.js";
import { sessionText } from "./session-text.js";

/** Wires the section; `onLoggedOut()` is called when this session has ended, too. */
export function startSessions(onLoggedOut) {
  byId("logout-everywhere").addEventListener("click", () =>
    attempt(async () => {
      await signOutEverywhere();
      onLoggedOut();
      logOut();
    }),
  );
}

/** Reads and shows the sessions anew. */
export function showSessions() {
  return attempt(async () => {
    const { sessions } = await listSessions();
    byId("session-list").replaceChildren(...sessions.map(row));
  });
}

function row(session) {
  const { name, when } = sessionText(session, Date.now());
  const button = element(
    "button",
    {
      type: "button",
      className: "button quiet small",
      hidden: session.current,
      attributes: { "aria-label": `End the session: ${name}` },
    },
    "End",
  );
  button.addEventListener("click", () =>
    attempt(async () => {
      button.disabled = true;
      await endSession(session.id);
      await showSessions();
      byId("sessions-title").focus();
    }),
  );
  const text = element(
    "span",
    { className: "session-text" },
    element("strong", {}, name),
    element("span", { className: "muted" }, when),
  );
  return element("li", {}, text, button);
}

async function attempt(work) {
  setText(byId("session-error"), "");
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(byId("session-error"), problem.message);
  }
}
