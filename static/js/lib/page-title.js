/** The tab's title: the page's own, and before it what happened while nobody looked. */

let own = null;
let news = "";

export function setPageTitle(title) {
  own = title;
  draw();
}

/** Puts `text` before the title; empty text takes it away. */
export function announceInTitle(text) {
  own ??= document.title;
  news = text;
  draw();
}

function draw() {
  const title = news ? `${news} · ${own}` : own;
  if (document.title !== title) document.title = title;
}
