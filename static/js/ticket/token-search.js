/** Finds tokens by what a user types, and draws how their price went. */

const SHOWN = 50;
const WIDTH = 60;
const HEIGHT = 20;
const EDGE = 1.5; // Room for half of the line's width.

/** The launched tokens that `text` may mean, the closest first: by symbol, name or mint address. */
export function searchTokens(tokens, text, now = Date.now()) {
  const wanted = text.trim();
  const ranked = tokens
    .filter((token) => isOpen(token, now))
    .map((token) => [rank(token, wanted), token])
    .filter(([at]) => at !== null)
    .sort(([one], [other]) => one - other);
  return ranked.slice(0, SHOWN).map(([, token]) => token);
}

function isOpen({ launched, liveAt }, now) {
  return liveAt ? Date.parse(liveAt) <= now : launched !== false;
}

function rank({ symbol, name = "", mint = "" }, wanted) {
  if (!wanted) return 0;
  const [sought, short] = [wanted.toLowerCase(), symbol.toLowerCase()];
  const ranks = [
    short === sought,
    short.startsWith(sought),
    short.includes(sought),
    name.toLowerCase().includes(sought),
    mint.startsWith(wanted),
  ];
  const at = ranks.indexOf(true);
  return at < 0 ? null : at;
}

/** The points of a small line through `prices`, for an SVG of 60 by 20; "" for fewer than two. */
export function sparkline(prices) {
  if (prices.length < 2) return "";
  const values = prices.map(Number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  const toX = (index) => (index / (values.length - 1)) * WIDTH;
  const toY = (value) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
  return values
    .map((value, index) => `${toX(index).toFixed(1)},${toY(value).toFixed(1)}`)
    .join(" ");
}
