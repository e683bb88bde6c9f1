/** How many orders a "cancel all" concerns, and the words for it. */

const PAGE = 100;
const MAX_PAGES = 10;

/**
 * Counts the orders that `list` gives page by page: {count, more, until}; `more` if there are even
 * more, `until` the time after the newest: what is placed later is not meant.
 */
export async function countWaiting(list) {
  let [count, cursor, newest] = [0, null, null];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await list({ limit: PAGE, cursor });
    newest ??= answer.orders[0]?.createdAt ?? null;
    count += answer.orders.length;
    cursor = answer.nextCursor;
    if (!cursor) break;
  }
  const until = newest && new Date(Date.parse(newest) + 1).toISOString();
  return { count, more: cursor !== null, until };
}

/** What to ask: {text, button}. `own`: whether they are an account's. */
export function questionText({ count, more }, own) {
  if (!count) return { text: "No order is waiting here.", button: "Cancel all" };
  const orders = `${more ? "more than " : ""}${number(count)}`;
  const whose = own ? "" : " Some may be other people's: the sandbox is shared.";
  const text = `This cancels ${orders}. What is being executed already goes on.${whose}`;
  return { text, button: `Cancel ${orders}` };
}

/** What came of it: {title, text}. */
export function cancelledText({ cancelled, left }) {
  const text = left ? `${number(left)} could not be: a worker has them.` : "None is left over.";
  return { title: `${capital(number(cancelled))} cancelled`, text };
}

function number(count) {
  return count === 1 ? "1 order" : `${count.toLocaleString("en")} orders`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
