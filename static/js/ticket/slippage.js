/** The slippage tolerance: presets in basis points or a custom percentage, warnings, a maximum. */

import { decimalsOf, readDecimal } from "../lib/exact-amount.js";

export const CUSTOM = "custom";
const WARN_ABOVE_BPS = 500;
const MAX_BPS = 5000;
const MAX_DECIMALS = 2; // A basis point is 0.01 %: less is refused, not rounded away.

/** Basis points of the preset or, for "custom", of the `typed` percentage; null if unusable. */
export function slippageBps(choice, typed) {
  if (choice !== CUSTOM) return Number(choice);
  const percent = readDecimal(typed);
  if (percent === null || decimalsOf(percent) > MAX_DECIMALS) return null;
  const bps = Math.round(Number(percent) * 100);
  return bps <= MAX_BPS ? bps : null;
}

/** What to say about a tolerance: {kind, text}; `kind` is "", "warn" or "bad". */
export function slippageRemark(choice, typed) {
  const bps = slippageBps(choice, typed);
  if (choice === CUSTOM && !typed) return { kind: "", text: "Enter a percentage, such as 2" };
  if (bps === null) {
    const text = `Enter a percentage from 0 to ${MAX_BPS / 100}, in steps of 0.01`;
    return { kind: "bad", text };
  }
  if (bps === 0) {
    return { kind: "warn", text: "At 0 %, any price move against you fails the order." };
  }
  if (bps > WARN_ABOVE_BPS) {
    return { kind: "warn", text: `You may receive up to ${bps / 100} % less than quoted.` };
  }
  return { kind: "", text: "" };
}
