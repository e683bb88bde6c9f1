/** Amounts as users type them, read and checked as text. */

const MAX_WHOLE_DIGITS = 12;

/**
 * Typed text as a decimal, or null. A comma is the decimal point; spaces group digits. "1,000" is
 * null: in some countries it is a thousand, in others it is 1, and a wrong guess costs money.
 */
export function readDecimal(text) {
  if (commaProblem(text)) return null;
  const cleaned = ungrouped(text).replace(",", ".");
  if (!/^(\d+\.?\d*|\.\d+)$/.test(cleaned)) return null;
  const [whole, fraction = ""] = cleaned.split(".");
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  const rest = fraction.replace(/0+$/, "");
  return rest ? `${digits}.${rest}` : digits;
}

/** What to do about a comma that may be a decimal point or group thousands, or null. */
export function commaProblem(text) {
  const cleaned = ungrouped(text);
  if (!/^[1-9]\d{0,2},\d{3}$/.test(cleaned)) return null;
  return `Write ${cleaned.replace(",", "")} or ${cleaned.replace(",", ".")}: the comma could mean either`;
}

function ungrouped(text) {
  return text.replace(/[\s_']/g, "");
}

/** The same with a sign before it; a long minus, as phones type it, is one too. */
export function readSignedDecimal(text) {
  const [, sign, rest] = /^\s*([-−+]?)(.*)$/.exec(text);
  const value = readDecimal(rest);
  return value !== null && "-−".includes(sign || "+") ? `-${value}` : value;
}

export function isZero(decimal) {
  return /^[0.]*$/.test(decimal);
}

export function decimalsOf(decimal) {
  return decimal.split(".")[1]?.length ?? 0;
}

/** Why an amount can't be ordered, as a short sentence, or null if it can. */
export function amountProblem(text, decimals, symbol) {
  const value = readDecimal(text);
  if (value === null) return commaProblem(text) ?? "Enter a number, such as 1.5";
  if (isZero(value)) return "Enter an amount above 0";
  if (decimalsOf(value) > decimals) return `${symbol} has at most ${decimals} decimals`;
  const whole = value.split(".")[0];
  if (whole.length > MAX_WHOLE_DIGITS && value !== "1000000000000")
    return "The most is 1,000,000,000,000";
  return null;
}

/** Whether the decimal `a` is greater than `b`. */
export function isGreater(a, b) {
  const decimals = Math.max(decimalsOf(a), decimalsOf(b));
  return toUnits(a, decimals) > toUnits(b, decimals);
}

/** Half of a decimal, rounded down to so many decimals. */
export function half(decimal, decimals) {
  return fromUnits(toUnits(decimal, decimals) / 2n, decimals);
}

/** The decimal in units of its last decimal; further digits are cut off. */
function toUnits(decimal, decimals) {
  const [whole, fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
}

function fromUnits(units, decimals) {
  const digits = units.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return readDecimal(decimals ? `${whole}.${digits.slice(-decimals)}` : whole);
}

/** The exact sum of decimals, as text. */
export function sum(values) {
  const decimals = Math.max(0, ...values.map(decimalsOf));
  return fromUnits(
    values.reduce((total, value) => total + toUnits(value, decimals), 0n),
    decimals,
  );
}

/** The exact product of two decimals, as text. */
export function multiply(a, b) {
  const decimals = decimalsOf(a) + decimalsOf(b);
  return fromUnits(BigInt(a.replace(".", "")) * BigInt(b.replace(".", "")), decimals);
}

/** 1 / `decimal` to so many decimals, as text; what is cut off is rounded up, down or half up. */
export function reciprocal(decimal, decimals, rounding = "half") {
  const units = BigInt(decimal.replace(".", ""));
  const whole = 10n ** BigInt(decimalsOf(decimal) + decimals);
  const added = { up: units - 1n, down: 0n, half: units / 2n }[rounding];
  return fromUnits((whole + added) / units, decimals);
}

/** How many decimals 1 / `decimal` needs to show so many significant digits. */
export function reciprocalDecimals(decimal, digits) {
  const [whole, fraction = ""] = decimal.split(".");
  const point = whole === "0" ? -/^0*/.exec(fraction)[0].length : whole.length;
  return Math.max(0, digits + point - 1);
}
