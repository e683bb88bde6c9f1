/** Which orders were placed from this browser: they get toasts and are read out by screen readers. */

const KEY = "orders.own";
const KEPT = 200;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

let ids = new Set(read());
addEventListener("storage", ({ key }) => {
  if (key === KEY) ids = new Set(read());
});

export const isOwn = (orderId) => ids.has(orderId);

export function remember(orderId) {
  ids = new Set([...read(), orderId].slice(-KEPT));
  localStorage.setItem(KEY, JSON.stringify([...ids]));
}
