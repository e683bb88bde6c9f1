/** Dialogs that a page opens on demand; one that is closed leaves the page. */

import { element, icon } from "./elements.js";

let made = 0;

/**
 * Shows `content` in a modal dialog and returns {close}. Escape and the cross close it; `onClose` is
 * called once it is closed. The focus goes back to where it was.
 */
export function openDialog({ title, content, onClose = () => null, wide = false }) {
  made += 1;
  const id = `dialog-${made}-title`;
  const cross = element(
    "button",
    { type: "button", className: "icon-button", attributes: { "aria-label": "Close" } },
    icon("cross"),
  );
  const dialog = element(
    "dialog",
    { className: wide ? "dialog wide" : "dialog", attributes: { "aria-labelledby": id } },
    element("header", { className: "dialog-header" }, element("h2", { id }, title), cross),
    content,
  );
  cross.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { close: () => dialog.close() };
}
