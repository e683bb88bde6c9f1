/** JSON whose numbers lose no digit. */

/**
 * The value of `text`, or undefined where it is no JSON. A number that a float would change stays
 * the text it was: 0.10000000000000000001 becomes "0.10000000000000000001".
 */
export function parseExact(text) {
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
}

/** Browsers that do not tell the source text of a number leave it a float. */
function keepDigits(_key, value, context) {
  const exact = typeof value !== "number" || !context || String(value) === context.source;
  return exact ? value : context.source;
}
