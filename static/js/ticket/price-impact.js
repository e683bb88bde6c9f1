/** How much an order moves the price: remarks from 1, 3 and 5 %, a typed consent above 10 %. */

import { percent } from "../lib/format.js";

const TIERS = [
  { from: 0.05, tier: "high", rest: "is very high: the pool is small for this amount." },
  { from: 0.03, tier: "warn", rest: "is high. A smaller order gets a better price." },
  { from: 0.01, tier: "notice", rest: "is noticeable: this order moves the price." },
];
const CONSENT_ABOVE = 0.1;
const CONSENT_WORD = "accept";

/** What to say about an impact, a fraction: {tier, text}, or null for a small one. */
export function impactRemark(impact) {
  const found = TIERS.find(({ from }) => impact >= from);
  return found ? { tier: found.tier, text: `Price impact ${percent(impact)} ${found.rest}` } : null;
}

export function needsConsent(impact) {
  return impact > CONSENT_ABOVE;
}

export function isConsent(typed) {
  return typed.trim().toLowerCase() === CONSENT_WORD;
}
