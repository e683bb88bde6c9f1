/** What all charts look like: the page's colours and font, times as clocks. */

export { onThemeChange } from "./theme.js";

const SECOND_MS = 1000;

/** A colour of the page's theme as `rgb()`, or `rgba()` where it is to shine through. */
export function colour(name, opacity = 1) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return opacity === 1 ? value : value.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);
}

/** Options of a chart, in the present theme. */
export function appearance() {
  const line = colour("--line");
  return {
    layout: {
      background: { color: "transparent" },
      textColor: colour("--muted"),
      fontSize: 11,
      fontFamily: getComputedStyle(document.body).fontFamily,
      attributionLogo: false, // It brings a style sheet of its own; the footer has it.
    },
    grid: { vertLines: { visible: false }, horzLines: { color: line } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false },
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  };
}

/** Options that no theme changes. */
export const TIME_OPTIONS = {
  timeScale: { tickMarkFormatter: clockMark },
  localization: { timeFormatter: fullTime },
};

function clockMark(time, kind) {
  const date = new Date(time * SECOND_MS);
  return kind < 3
    ? date.toLocaleDateString([], { day: "numeric", month: "short" })
    : date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

function fullTime(time) {
  return new Date(time * SECOND_MS).toLocaleString([], {
    dateStyle: "medium",
    timeStyle: "short",
    hour12: false,
  });
}
