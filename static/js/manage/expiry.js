/** For how long orders rest. */

const DAY_S = 86_400;
export const WEEK_S = 7 * DAY_S;
export const EXPIRIES = [
  [3600, "1 hour"],
  [DAY_S, "1 day"],
  [WEEK_S, "7 days"],
  [29 * DAY_S, "29 days"],
];
