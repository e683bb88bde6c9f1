/** The number after a scenario's name. */

const UNITS = { s: "seconds", bps: "basis points" };

/** Why a scenario that takes a number in this unit, at most `most`, can't take what was typed, or null. */
export function scenarioNumberProblem(typed, unit, most) {
  if (/^\d+$/.test(typed) && Number(typed) >= 1 && Number(typed) <= most) return null;
  return `Enter whole ${UNITS[unit] ?? unit} from 1 to ${most.toLocaleString("en")}`;
}
