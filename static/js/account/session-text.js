/** A session of the account in words. */

import { ago, dateTime } from "../lib/format.js";

/** `{name, when}`: what it was begun with, and when it was begun and used last. */
export function sessionText({ userAgent, createdAt, lastUsedAt, current }, now) {
  const name = userAgent ?? "Unknown program";
  const used = `used ${ago(now - Date.parse(lastUsedAt))}`;
  return {
    name: current ? `${name} (this one)` : name,
    when: `since ${dateTime(createdAt)}, ${current ? "in use" : used}`,
  };
}
