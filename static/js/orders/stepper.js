/** The five steps of an execution, and a sentence on where it stands. */

import { element, icon, setText } from "../lib/elements.js";
import { lookOf, STEPS, stepState } from "./order-state.js";
import { ICONS, LABELS, sentence } from "./status-text.js";

/** `announce`: whether screen readers speak each change. Returns {node, update(order)}. */
export function createStepper({ announce }) {
  const marks = STEPS.map((name) => createStep(name));
  const line = element("p", {
    className: "status-line",
    attributes: { role: "status", "aria-live": announce ? "polite" : "off" },
  });
  const node = element(
    "div",
    { className: "stepper" },
    element(
      "ol",
      { className: "steps", attributes: { "aria-label": "Steps" } },
      ...marks.map(({ node: step }) => step),
    ),
    line,
  );
  const update = (order) => {
    const look = lookOf(order);
    if (node.dataset.look !== look) node.dataset.look = look;
    for (const [index, mark] of marks.entries()) mark.show(stepState(order, index), look);
    setText(line, sentence(order));
  };
  return { node, update };
}

function createStep(name) {
  const mark = element("span", { className: "step-mark" });
  const hint = element("span", { className: "visually-hidden" });
  const node = element(
    "li",
    { className: "step" },
    mark,
    element("span", { className: "step-name" }, LABELS[name], hint),
  );
  const show = (state, look) => {
    if (node.dataset.state === state) return;
    node.dataset.state = state;
    if (state === "current") node.setAttribute("aria-current", "step");
    else node.removeAttribute("aria-current");
    setText(hint, spoken(state, look));
    mark.replaceChildren(...(state === "stopped" ? [icon(ICONS[look])] : []));
  };
  return { node, show };
}

function spoken(state, look) {
  if (state === "done") return ", done";
  return state === "stopped" ? `, ${LABELS[look].toLowerCase()} here` : "";
}
