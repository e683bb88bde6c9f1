"""Access for everybody: any screen, any theme, keyboard alone, screen readers, slow networks."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Place
from tests.browser.test_lists_and_accounts import sign_up
from tests.clients import wait_until

Theme = Literal["light", "dark"]
ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (1440, 768, 600, 360)
RUN_AXE = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  ({id, nodes}) => id + ": " + nodes.map(({target}) => target.join(" ")).join(", "))
"""


def violations(page: Page) -> list[str]:
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN_AXE))


def violations_in_both_themes(page: Page) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {each}" for each in violations(page)]
    return found


def test_axe_finds_no_violation_on_any_page_in_any_theme(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    confirmed, failed = place(), place(amountIn="900000000")
    page = open_page(live_server, reduced_motion="reduce", bypass_csp=True)
    page.get_by_label("You pay", exact=True).fill("100")
    expect(page.locator("#impact-confirm")).to_be_visible()
    expect(page.locator("#market-last .skeleton")).to_have_count(0)
    assert violations_in_both_themes(page) == []
    page.get_by_label("Sniper", exact=True).check()
    page.locator("#account-button").click()
    assert violations_in_both_themes(page) == []
    for order_id in (confirmed, failed):
        page.goto(f"{live_server}/orders/{order_id}")
        expect(page.locator(".timeline-entry").first).to_be_visible()
        assert violations_in_both_themes(page) == []
    page.goto(f"{live_server}/orders/none")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such order")
    assert violations_in_both_themes(page) == []
    page.goto(f"{live_server}/history")
    expect(page.locator("#history-rows a").first).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.goto(f"{live_server}/operations")
    expect(page.locator("[data-gauge=workers]")).to_have_text("1")
    assert violations_in_both_themes(page) == []
    page.goto(f"{live_server}/portfolio")
    expect(page.locator("#portfolio-closed")).to_be_visible()
    assert violations_in_both_themes(page) == []
    sign_up(page, "axe@example.org")
    expect(page.locator("#balance-rows td")).not_to_have_count(1)
    assert violations_in_both_themes(page) == []
    page.get_by_label("Ledger", exact=True).check()
    expect(page.locator("#ledger-rows td").first).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.get_by_role("button", name="Start over").click()
    page.get_by_label("My own").check()
    assert violations_in_both_themes(page) == []


WIDEST_BADGE = """() => {
  document.getElementById("live-badge").dataset.state = "reconnecting";
  document.getElementById("live-state").textContent = "Reconnecting";
  document.querySelector(".live-age").textContent = "last update 59 min ago";
  const root = document.documentElement;
  return Math.max(0, root.scrollWidth - root.clientWidth);
}"""
"""How far the page overflows with the longest text of the badge, before it is drawn anew."""


def test_nothing_is_wider_than_the_screen(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    order_id = place(amountIn="123456.123456789")
    page = open_page(live_server)
    for kind in ("Limit", "Stop", "Sniper", "Market"):
        page.get_by_label(kind, exact=True).check()
        page.get_by_label("You pay", exact=True).fill("123456789.123456789")
        wait_until_it_fits(page)
    for path in (
        "/?view=history",
        "/history",
        f"/orders/{order_id}",
        "/operations",
        "/orders/none",
        "/portfolio",
        "/connect",
    ):
        page.goto(f"{live_server}{path}")
        expect(page.locator("main .skeleton:visible")).to_have_count(0)
        wait_until_it_fits(page)
    page.goto(f"{live_server}/orders/{place()}")
    quotes = page.locator(".venues-box")
    assert quotes.evaluate("e => e.scrollWidth <= e.clientWidth"), "the quotes within 360 px"
    page.goto(f"{live_server}/portfolio")
    sign_up(page, "wide@example.org")
    expect(page.locator("#balance-rows td")).not_to_have_count(1)
    wait_until_it_fits(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(lambda: page.evaluate(WIDEST_BADGE) == 0, f"the badge within {width} px")
        for name in ("Docs", "Connect a bot"):
            expect(page.get_by_role("link", name=name, exact=True)).to_have_count(1)


def wait_until_it_fits(page: Page) -> None:
    """Waits until nothing is wider than a screen of any width; charts follow it with a delay."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(lambda: overflow(page) == 0, f"{page.url} within {width} px")


def overflow(page: Page) -> int:
    root = "document.documentElement"
    return max(0, int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")))


def test_an_order_can_be_placed_and_followed_by_keyboard_alone(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    page.keyboard.press("Tab")
    press_until(page, "Tab", "type")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Limit", exact=True)).to_be_checked()
    press_until(page, "Tab", "amountIn")
    page.keyboard.type("0.6161")
    press_until(page, "Tab", "limitPrice")
    page.keyboard.type("100000")
    page.keyboard.press("Enter")
    card = page.locator(".order-card").filter(has=page.locator('data[value="0.6161"]'))
    expect(card.locator(".status-chip")).to_have_text("Resting")
    card_id = card.get_attribute("data-order-id")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == f"/orders/{card_id}":
            break
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(ring) == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/{card_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("0.6161 SOL")


def press_until(page: Page, key: str, name: str) -> None:
    """Presses a key until the control of that name has the focus."""
    for _ in range(40):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} can't be reached with {key}")


def test_the_first_paint_waits_for_no_api(live_server: str, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    page.route("**/api/**", lambda route: None)
    page.route("**/socket.io/**", lambda route: None)
    for path, heading in (
        ("/", "New order"),
        ("/operations", "Operations"),
        ("/portfolio", "Portfolio"),
        ("/history", "History"),
        ("/orders/x", "Timeline"),
    ):
        page.goto(f"{live_server}{path}", wait_until="commit")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.goto(live_server, wait_until="commit")
    page.get_by_label("You pay", exact=True).fill("1")
    expect(page.get_by_role("button", name="Swap SOL")).to_be_visible()


def test_the_trade_page_draws_its_chart_follows_the_theme_and_asks_no_other_host(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page("about:blank", color_scheme="light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server)
    expect(page.locator("#chart canvas").first).to_be_visible()
    expect(page.get_by_role("img", name="Price of SOL in USDC")).to_be_visible()
    page.get_by_label("5m", exact=True).check()
    expect(page.locator("#market-change")).to_contain_text("10 h")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    page.goto(f"{live_server}/operations")
    expect(page.locator("[data-gauge=workers]")).not_to_be_empty()
    own = (live_server, live_server.replace("http", "ws"), "data:", "about:")
    assert [url for url in asked if not url.startswith(own)] == [], "no other host is contacted"
