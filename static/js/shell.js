/** What every page has: the live badge, the offline notice, the account. */

import { startAccount } from "./account/account-dialog.js";
import { byId, element, setText } from "./lib/elements.js";
import { ago } from "./lib/format.js";
import { live } from "./lib/live.js";
import { everySecond } from "./lib/ticker.js";
import { addPageShortcuts } from "./settings/page-shortcuts.js";
import { openSettings } from "./settings/settings-dialog.js";

const STATES = {
  connecting: "Connecting",
  connected: "Live",
  reconnecting: "Reconnecting",
  stale: "Stale",
  offline: "Offline",
  closed: "Not logged in",
};

export function startShell() {
  startAccount();
  startSettings();
  everySecond(drawBadge);
  for (const name of ["connected", "lost"]) live.addEventListener(name, drawBadge);
  for (const name of ["online", "offline"]) addEventListener(name, drawBadge);
  drawBadge();
  live.start().catch(() => setText(byId("live-state"), "Live updates could not be loaded"));
}

/** From the header where there is room, from the footer everywhere, and by key. */
function startSettings() {
  addPageShortcuts();
  const inFooter = element(
    "button",
    { type: "button", className: "link-button", attributes: { "aria-haspopup": "dialog" } },
    "Settings and keyboard",
  );
  byId("footer-tools").append(inFooter);
  for (const button of [inFooter, byId("settings-button")])
    button.addEventListener("click", openSettings);
}

function drawBadge() {
  const { state } = live;
  byId("live-badge").dataset.state = state;
  setText(byId("live-state"), STATES[state]);
  setText(
    byId("live-age"),
    state === "connecting" || state === "closed"
      ? ""
      : `last update ${ago(Date.now() - live.heardAt)}`,
  );
  byId("offline-notice").hidden = state !== "offline";
}
