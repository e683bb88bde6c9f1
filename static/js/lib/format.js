/**
 * Numbers and times for people. Amounts are numbers or decimal text. They are rounded as text,
 * because a float would change digits of the exact value.
 */

const MINUS = "−";

/** The decimal in plain notation, all digits, no exponent: "1.5e-7" becomes "0.00000015". */
export function plainDecimal(value) {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction = "", exponent] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** About six significant digits, thousands grouped: 1,234,568 · 151.2003 · 0.00002143. */
export function amount(value) {
  if (value === null || value === undefined) return "–";
  const text = plainDecimal(value);
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const [rounded, rest] = round(whole, fraction, decimalsFor(whole, fraction));
  return (sign ? MINUS : "") + group(rounded) + (rest ? `.${rest}` : "");
}

/** US dollars and cents: "$1,234.50", "−$0.20"; less than a cent keeps four digits: "$0.000012". */
export function usd(value) {
  if (value === null || value === undefined) return "–";
  const text = plainDecimal(value);
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const cents = /^0*$/.test(whole) && fraction.startsWith("00") && /[1-9]/.test(fraction);
  const [rounded, rest] = round(whole, fraction, cents ? decimalsFor(whole, fraction) : 2);
  return `${sign ? MINUS : ""}$${group(rounded)}.${rest.padEnd(2, "0")}`;
}

/** The same with its sign, for profit and loss: "+$12.00". */
export function signedUsd(value) {
  const text = usd(value);
  return Number(value) > 0 ? `+${text}` : text;
}

function decimalsFor(whole, fraction) {
  if (whole.replace(/^0+/, "")) return Math.max(0, Math.min(4, 7 - whole.length));
  return /^0*/.exec(fraction)[0].length + 4;
}

function round(whole, fraction, decimals) {
  if (fraction.length <= decimals) return [whole, trimZeros(fraction)];
  const kept = whole + fraction.slice(0, decimals);
  const up = fraction.charCodeAt(decimals) >= "5".charCodeAt(0) ? 1n : 0n;
  const digits = (BigInt(kept) + up).toString().padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  return [digits.slice(0, split), trimZeros(digits.slice(split))];
}

function trimZeros(fraction) {
  return fraction.replace(/0+$/, "");
}

function group(whole) {
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A fraction as per cent: 0.0123 becomes "1.23 %", 154.8703 becomes "15,487 %". */
export function percent(fraction, decimals = 2) {
  const value = Number(fraction) * 100;
  if (!Number.isFinite(value)) return "–";
  const smallest = 10 ** -decimals;
  if (value > 0 && value < smallest) return `< ${smallest} %`;
  const size = Math.abs(value);
  const text = size < 1000 ? trimDecimals(size.toFixed(decimals)) : group(size.toFixed(0));
  return `${value < 0 && text !== "0" ? MINUS : ""}${text} %`;
}

function trimDecimals(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Basis points as per cent: 30 becomes "0.3 %". */
export function bps(value) {
  return percent(value / 10_000);
}

/** A span of milliseconds: "840 ms", "2.4 s", "3 min 5 s", "2 h 10 min", "6 d 23 h". */
export function duration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1).replace(".0", "")} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  if (seconds < 86_400) return pair(Math.floor(seconds / 60), 60, "h", "min");
  return pair(Math.floor(seconds / 3600), 24, "d", "h");
}

function pair(value, size, large, small) {
  const rest = value % size;
  return `${Math.floor(value / size)} ${large}${rest ? ` ${rest} ${small}` : ""}`;
}

/** How long ago, in one coarse unit: "just now", "12 s ago", "3 min ago", "2 h ago". */
export function ago(ms) {
  if (ms < 2000) return "just now";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

export function clockTime(iso, withMs = false) {
  const time = new Date(iso);
  const text = time.toLocaleTimeString([], { hour12: false });
  return withMs ? `${text}.${String(time.getMilliseconds()).padStart(3, "0")}` : text;
}

export function dateTime(iso) {
  return new Date(iso).toLocaleString([], {
    dateStyle: "medium",
    timeStyle: "medium",
    hour12: false,
  });
}

/** The end of an id. Ids that were made at about the same time have the same beginning. */
export function shortId(id) {
  return id.slice(-8);
}

export function shorten(text, keep = 6) {
  return text.length > 2 * keep + 1 ? `${text.slice(0, keep)}…${text.slice(-keep)}` : text;
}

export function venueName(dex) {
  return dex ? dex[0].toUpperCase() + dex.slice(1) : "–";
}
