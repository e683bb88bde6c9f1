/** Keyboard shortcuts: single keys, or two one after the other, wherever nobody types. */

import { readStored, writeStored } from "../lib/stored-json.js";

const KEY = "orders.shortcuts";
const PAUSE_MS = 1200;
const TYPING =
  "input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]";

/** What is known: {keys, text, run}; `keys` as "a" or "g t". */
const known = [];
let pending = "";
let forget = null;

export function shortcutsWanted() {
  return readStored(KEY, true) !== false;
}

export function wantShortcuts(wanted) {
  writeStored(KEY, wanted);
}

/** Adds shortcuts; what `run` returns false for is left to the browser. */
export function addShortcuts(shortcuts) {
  if (!known.length) document.addEventListener("keydown", pressed);
  known.push(...shortcuts);
}

export function allShortcuts() {
  return known;
}

/**
 * What the keys typed so far mean: {hit, open}. `hit` is the shortcut they are, if any; `open` whether
 * they begin a longer one.
 */
export function match(shortcuts, typed) {
  const hit = shortcuts.find(({ keys }) => keys === typed) ?? null;
  const open = shortcuts.some(({ keys }) => keys.startsWith(`${typed} `));
  return { hit, open };
}

function pressed(event) {
  if (!concerns(event)) return;
  const typed = pending ? `${pending} ${event.key}` : event.key;
  let { hit, open } = match(known, typed);
  if (!hit && !open && pending) ({ hit, open } = match(known, event.key));
  clearTimeout(forget);
  pending = open ? typed : "";
  if (open) {
    forget = setTimeout(() => {
      pending = "";
    }, PAUSE_MS);
  }
  if (hit && hit.run() !== false) event.preventDefault();
}

function concerns(event) {
  return (
    !event.defaultPrevented &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !event.isComposing &&
    !event.repeat &&
    event.key.length === 1 &&
    shortcutsWanted() &&
    !event.target.closest?.(TYPING) &&
    !document.querySelector("dialog[open]")
  );
}
