/** Short notes in the corner of the page. At most three are shown at once; each can be closed. */

import { byId, element, icon } from "./elements.js";

const SHOWN_MS = 8000;
const MAX_TOASTS = 3;

/** `status` colours the note; `href`, where there is one, makes the title a link. */
export function showToast({ status, iconName, title, text, href = null }) {
  const close = element(
    "button",
    {
      type: "button",
      className: "icon-button",
      attributes: { "aria-label": "Close notification" },
    },
    icon("cross"),
  );
  const toast = element(
    "div",
    { className: "toast" },
    element("span", { className: "status-icon", dataset: { status } }, icon(iconName)),
    element(
      "p",
      {},
      element("span", { className: "toast-title" }, href ? element("a", { href }, title) : title),
      element("br"),
      element("span", { className: "toast-text" }, text),
    ),
    close,
  );
  close.addEventListener("click", () => toast.remove());
  const box = byId("toasts");
  box.append(toast);
  while (box.children.length > MAX_TOASTS) box.firstElementChild.remove();
  closeLater(toast);
}

/** A request that was refused: `text` says why. */
export function showProblem(title, text) {
  showToast({ status: "failed", iconName: "cross", title, text });
}

/** Closes by itself, but not while the pointer or the focus is on it. */
function closeLater(toast) {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) closeLater(toast);
    else toast.remove();
  }, SHOWN_MS);
}
