/** Labelled fields of forms that are made on demand. */

import { element, setText } from "./elements.js";

let made = 0;

/**
 * A labelled input with an error and, if `hinted`, room for a hint: {node, input, say(hint),
 * complain(problem)}.
 */
export function createField(label, { unit = "", hinted = false, ...properties } = {}) {
  made += 1;
  const id = `field-${made}`;
  const input = element("input", {
    id,
    inputMode: "decimal",
    maxLength: 40,
    autocomplete: "off",
    attributes: { "aria-describedby": `${id}-hint ${id}-error` },
    ...properties,
  });
  const hintLine = element("p", { className: "field-hint", id: `${id}-hint` });
  const errorLine = element("p", { className: "field-error", id: `${id}-error` });
  const node = element(
    "div",
    { className: hinted ? "field hinted" : "field" },
    element("label", { htmlFor: id }, `${label} `, element("span", { className: "unit" }, unit)),
    input,
    hintLine,
    errorLine,
  );
  return {
    node,
    input,
    say: (text) => setText(hintLine, text),
    complain: (text) => {
      input.ariaInvalid = String(Boolean(text));
      setText(errorLine, text ?? "");
    },
  };
}

/** A labelled choice: {node, select}. `options` are [value, text]; the one `chosen` is selected. */
export function createChoice(label, options, chosen) {
  made += 1;
  const id = `field-${made}`;
  const select = element(
    "select",
    { id },
    ...options.map(([value, text]) => element("option", { value: String(value) }, text)),
  );
  select.value = String(chosen);
  const node = element(
    "div",
    { className: "field inline" },
    element("label", { htmlFor: id }, label),
    select,
  );
  return { node, select };
}
