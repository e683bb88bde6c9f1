/** Makes what the theme's script adds to a page usable for everybody. */

function complete() {
  // Tables that scroll sideways can be scrolled by keyboard.
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Table");
  }
  // The copy button on a block of code is no navigation.
  for (const box of document.querySelectorAll(".md-code__nav:not([role])"))
    box.setAttribute("role", "none");
}

new MutationObserver(complete).observe(document.body, { childList: true, subtree: true });
complete();
