/** Notices while the tab is hidden: in its title, and as the browser's own where that is allowed. */

import { announceInTitle } from "./page-title.js";
import { readStored, writeStored } from "./stored-json.js";

const KEY = "orders.notices";
let count = 0;

export function noticesWanted() {
  return readStored(KEY, false) === true;
}

/** Turns notices on or off; asks the browser for its permission, once. */
export async function wantNotices(wanted) {
  writeStored(KEY, wanted);
  if (wanted && permission() === "default") await Notification.requestPermission();
}

/** "granted", "denied" or "default"; "missing" where the browser has no notifications. */
export function permission() {
  return globalThis.Notification?.permission ?? "missing";
}

/** Tells of something, if it is wanted and the page cannot be seen. `href` opens with a click. */
export function notice({ title, text, href }) {
  if (!document.hidden || !noticesWanted()) return;
  if (!count) document.addEventListener("visibilitychange", seen);
  count += 1;
  announceInTitle(`(${count}) ${title}`);
  if (permission() !== "granted") return;
  const shown = new Notification(title, { body: text, tag: href });
  shown.addEventListener("click", () => {
    focus();
    location.assign(href);
    shown.close();
  });
}

function seen() {
  if (document.hidden) return;
  document.removeEventListener("visibilitychange", seen);
  count = 0;
  announceInTitle("");
}
