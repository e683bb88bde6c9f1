/** Repeated work, which stops while nobody can see its result. */

/**
 * Calls `work` every `periodMs` while the tab is visible and online, and as soon as it becomes so.
 * Returns a function that calls `work` at once, or after the call that is still running.
 */
export function whileVisible(periodMs, work) {
  let timer = null;
  let running = false;
  let wanted = false;
  const idle = () => document.hidden || !navigator.onLine;
  const run = async () => {
    if (running || idle()) return;
    running = true;
    try {
      await work();
    } finally {
      running = false;
      if (wanted) now();
    }
  };
  const now = () => {
    wanted = running;
    run();
  };
  const adjust = () => {
    clearInterval(timer);
    timer = idle() ? null : setInterval(run, periodMs);
    run();
  };
  document.addEventListener("visibilitychange", adjust);
  addEventListener("online", adjust);
  addEventListener("offline", adjust);
  adjust();
  return now;
}

/** Calls `work` once a second while the tab is visible: ages and countdowns. */
export function everySecond(work) {
  setInterval(() => document.hidden || work(Date.now()), 1000);
}

/** Returns a function that calls `work`, with the last values, after no call for `delayMs`. */
export function debounce(delayMs, work) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), delayMs);
  };
}
