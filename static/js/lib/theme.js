/** The theme: the system's, or the one that was chosen in this browser. */

import { readStored, writeStored } from "./stored-json.js";

// `static/js/theme.js` reads it before the first paint.
const KEY = "orders.theme";
export const THEMES = ["system", "light", "dark"];
const listeners = new Set();

export function chosenTheme() {
  const stored = readStored(KEY, "system");
  return THEMES.includes(stored) ? stored : "system";
}

export function chooseTheme(theme) {
  writeStored(KEY, theme);
  apply();
}

/** Calls `listener` when the page changes its colours: by choice, here or in another tab, or with the system. */
export function onThemeChange(listener) {
  if (!listeners.size) {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", notify);
    addEventListener("storage", ({ key }) => key === KEY && apply());
  }
  listeners.add(listener);
}

function apply() {
  const { dataset } = document.documentElement;
  const theme = chosenTheme();
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  notify();
}

function notify() {
  for (const listener of listeners) listener();
}
