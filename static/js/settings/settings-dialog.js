/** The page's settings: theme, notices, keyboard; kept in this browser. */

import { openDialog } from "../lib/dialog.js";
import { element, setText } from "../lib/elements.js";
import { noticesWanted, permission, wantNotices } from "../lib/notices.js";
import { chooseTheme, chosenTheme, THEMES } from "../lib/theme.js";
import { allShortcuts, shortcutsWanted, wantShortcuts } from "./shortcuts.js";

const THEME_NAMES = { system: "System", light: "Light", dark: "Dark" };
const PERMISSIONS = {
  granted: "In the tab's title, and as a notification of your browser.",
  denied: "In the tab's title; your browser blocks notifications of this page.",
  default: "In the tab's title, and as a notification if your browser asks and you allow it.",
  missing: "In the tab's title; this browser has no notifications.",
};

export function openSettings() {
  openDialog({
    title: "Settings and keyboard",
    content: element("div", { className: "dialog-form" }, themeChoice(), notices(), keyboard()),
    wide: true,
  });
}

function themeChoice() {
  const choices = THEMES.map((theme) => {
    const input = element("input", {
      type: "radio",
      name: "theme",
      value: theme,
      checked: theme === chosenTheme(),
    });
    input.addEventListener("change", () => chooseTheme(theme));
    return element("label", {}, input, element("span", {}, THEME_NAMES[theme]));
  });
  return element(
    "fieldset",
    { className: "field" },
    element("legend", {}, "Theme"),
    element("div", { className: "segmented" }, ...choices),
  );
}

function notices() {
  const hint = element("p", { className: "field-hint" }, PERMISSIONS[permission()]);
  const { node, input } = checkbox("Tell me when an order ends while this tab is hidden");
  input.checked = noticesWanted();
  input.addEventListener("change", async () => {
    await wantNotices(input.checked);
    setText(hint, PERMISSIONS[permission()]);
  });
  return element("div", { className: "field" }, node, hint);
}

function keyboard() {
  const { node, input } = checkbox("Keyboard shortcuts");
  input.checked = shortcutsWanted();
  input.addEventListener("change", () => wantShortcuts(input.checked));
  const rows = allShortcuts().map(({ keys, text }) =>
    element(
      "div",
      {},
      element("dt", {}, ...keys.split(" ").map((key) => element("kbd", {}, key))),
      element("dd", {}, text),
    ),
  );
  return element(
    "div",
    { className: "field" },
    node,
    element("dl", { className: "shortcuts" }, ...rows),
  );
}

function checkbox(text) {
  const input = element("input", { type: "checkbox" });
  return {
    input,
    node: element("label", { className: "check-line" }, input, element("span", {}, text)),
  };
}
