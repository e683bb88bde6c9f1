/** How the newest page of a list goes together with older pages that were read before. */

/**
 * `page` is `{items, nextCursor}` as it was just read, `shown` `{items, cursor}` what was there.
 * Where the two do not meet, something may be missing in between, and only the page is left.
 */
export function freshest(page, shown, keyOf) {
  const keys = new Set(page.items.map(keyOf));
  const meets = shown.items.findIndex((item) => keys.has(keyOf(item)));
  const older = meets < 0 ? [] : shown.items.slice(meets).filter((item) => !keys.has(keyOf(item)));
  if (!older.length) return { items: page.items, cursor: page.nextCursor };
  return { items: [...page.items, ...older], cursor: shown.cursor };
}
