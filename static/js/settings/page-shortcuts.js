/** The shortcuts of every page: help, theme, and the way to the other pages. */

import { chooseTheme, chosenTheme, THEMES } from "../lib/theme.js";
import { openSettings } from "./settings-dialog.js";
import { addShortcuts } from "./shortcuts.js";

const PAGES = [
  ["t", "/", "Trade"],
  ["p", "/portfolio", "Portfolio"],
  ["h", "/history", "History"],
  ["o", "/operations", "Operations"],
];

export function addPageShortcuts() {
  addShortcuts([
    { keys: "?", text: "This help and the settings", run: openSettings },
    { keys: "t", text: "Change the theme", run: nextTheme },
    ...PAGES.map(([key, path, name]) => ({
      keys: `g ${key}`,
      text: `Go to ${name}`,
      run: () => location.assign(path),
    })),
  ]);
}

function nextTheme() {
  chooseTheme(THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length]);
}
