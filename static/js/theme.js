// Runs before the first paint: the page has the theme that was chosen here, without a flash.
(() => {
  let chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("orders.theme"));
  } catch {
    // No storage, or something else in it: the system's theme.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
