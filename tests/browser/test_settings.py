"""The page as a tool: theme, keyboard, notices while nobody looks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_access import violations
from tests.browser.test_lists_and_accounts import sign_up
from tests.browser.test_managing import CARDS, Owner, dialog

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
FIRST_THEME = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.firstTheme = getComputedStyle(document.documentElement).colorScheme;
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});
"""
"""What the theme is when the body begins: before anything is painted."""
HIDE = """
window.hiddenNow = false;
window.notices = [];
Object.defineProperty(document, "hidden", {get: () => window.hiddenNow});
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, options) { super(); window.notices.push([title, options.body]); }
};
"""
"""A tab that can be hidden, and a browser that asks nobody: headless ones do neither."""


def set_hidden(page: Page, hidden: bool) -> None:
    page.evaluate(
        "hidden => { window.hiddenNow = hidden;"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_the_chosen_theme_is_kept_shown_at_once_and_followed_by_other_tabs(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server, color_scheme="light", reduced_motion="reduce", bypass_csp=True)
    light = page.evaluate(BACKGROUND)
    other = page.context.new_page()
    other.goto(f"{live_server}/portfolio")
    page.get_by_role("button", name="Settings and keyboard").first.click()
    assert violations(page) == []
    page.get_by_label("Dark").check()
    dark = page.evaluate(BACKGROUND)
    assert dark != light
    other.wait_for_function(f"dark => {BACKGROUND} === dark", arg=dark)
    page.add_init_script(FIRST_THEME)
    page.reload()
    assert page.evaluate("window.firstTheme") == "dark"
    page.emulate_media(color_scheme="dark")
    page.locator("body").press("t")
    assert page.evaluate(BACKGROUND) == dark
    page.locator("body").press("t")
    assert page.evaluate(BACKGROUND) == light


def test_the_keyboard_leads_everywhere_and_can_be_turned_off(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    owner = Owner(live_server, page, "typist@example.org")
    swap = {"tokenIn": "SOL", "tokenOut": "USDC", "type": "limit"}
    owner.place(**swap, amountIn="1", limitPrice="90000")
    owner.place(**swap, amountIn="2", limitPrice="90000")
    expect(page.locator(CARDS)).to_have_count(2)
    keys = page.keyboard
    page.locator("body").press("?")
    expect(dialog(page)).to_contain_text("Go to Portfolio")
    keys.press("Escape")
    keys.press("2")
    expect(page.get_by_label("Limit", exact=True)).to_be_checked()
    keys.press("n")
    expect(page.get_by_label("You pay", exact=True)).to_be_focused()
    keys.type("1fgx")
    expect(page.get_by_label("You pay", exact=True)).to_have_value("1fgx")
    page.get_by_label("You pay", exact=True).blur()
    keys.press("n")
    keys.type("2")
    expect(page.get_by_label("You pay", exact=True)).to_have_value("2")
    page.get_by_label("You pay", exact=True).blur()
    keys.press("j")
    keys.press("j")
    keys.press("e")
    expect(page.get_by_label("Amount SOL")).to_have_value("1")
    keys.press("Escape")
    keys.press("k")
    keys.press("x")
    keys.press("Enter")
    first = page.locator(CARDS).first
    expect(first.locator(".status-chip")).to_have_text("Cancelled")
    expect(first.get_by_role("link", name="Details")).to_be_focused()
    keys.press("j")  # From where the keyboard was, not from the top.
    keys.press("Enter")
    chip = page.locator("#order-title .status-chip")
    expect(chip).to_have_text("Resting")
    keys.press("x")
    keys.press("Enter")
    expect(chip).to_have_text("Cancelled")
    expect(page.locator("#order-title")).to_be_focused()
    page.go_back()
    expect(page.locator("#orders-empty")).to_contain_text("No active orders")
    keys.press("v")
    keys.press("h")
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    keys.press("g")
    keys.press("h")
    page.wait_for_url("**/history")
    expect(page.locator("#history-state")).to_have_text("2 found")
    page.locator("body").press("?")
    page.get_by_label("Keyboard shortcuts").uncheck()
    keys.press("Escape")
    keys.press("?")
    expect(dialog(page)).to_have_count(0)


def test_endings_are_told_in_a_hidden_tab_to_those_who_asked(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    page.add_init_script(HIDE)
    page.goto(live_server)
    sign_up(page, "away@example.org")
    title = page.title()
    amount = page.get_by_label("You pay", exact=True)
    amount.fill("0.5")
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator(".toast")).to_have_count(1)
    assert page.evaluate("window.notices") == []

    page.get_by_role("button", name="Settings and keyboard").first.click()
    page.get_by_label("Tell me when an order ends").check()
    expect(dialog(page)).to_contain_text("a notification of your browser")
    page.keyboard.press("Escape")
    amount.fill("0.25")
    expect(page.get_by_role("button", name="Swap SOL")).to_be_visible()
    page.evaluate("window.hiddenNow = true")
    page.get_by_role("button", name="Swap SOL").click()
    expect(page).to_have_title(f"(1) Order confirmed · {title}")
    [[said, text]] = page.evaluate("window.notices")
    assert said == "Order confirmed"
    assert text.startswith("0.25 SOL swapped for")
    set_hidden(page, False)
    expect(page).to_have_title(title)
