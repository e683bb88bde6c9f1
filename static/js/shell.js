/** What every page has: the live badge, the offline notice, the account. */

import { startAccount } from "./account/account-dialog.js";
import { byId, setText } from "./lib/elements.js";
import { ago } from "./lib/format.js";
import { live } from "./lib/live.js";
import { everySecond } from "./lib/ticker.js";

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
  everySecond(drawBadge);
  for (const name of ["connected", "lost"]) live.addEventListener(name, drawBadge);
  for (const name of ["online", "offline"]) addEventListener(name, drawBadge);
  drawBadge();
  live.start().catch(() => setText(byId("live-state"), "Live updates could not be loaded"));
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
