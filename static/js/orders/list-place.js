/** How far the user was in the list, kept with the page's entry in the browser's history. */

/** `countCards()` tells how many cards are shown when the page is left. */
export function keepPlace(countCards) {
  addEventListener("pagehide", () =>
    history.replaceState({ cards: countCards(), top: scrollY }, ""),
  );
}

/** {cards, top} as the page was left, or null if it is opened anew. */
export function readPlace(state = history.state) {
  const { cards, top } = state ?? {};
  return Number.isInteger(cards) && Number.isFinite(top) ? { cards, top } : null;
}
