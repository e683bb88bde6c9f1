"""The list's views and filters, and which orders each caller sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Place

RESTING = {"type": "limit", "limitPrice": "100000", "tokenIn": "JTO", "tokenOut": "PYTH"}
HEIGHT_ONCE_DRAWN = """(name) => new Promise((done) => {
  const part = [...document.querySelectorAll(name)].at(-1);
  const look = () =>
    part.checkVisibility({ contentVisibilityAuto: true })
      ? done(document.documentElement.scrollHeight)
      : requestAnimationFrame(look);
  look();
})"""
"""The page's height once the last part of this name is drawn, which waits for its coming into view.
"""


def sign_up(page: Page, email: str) -> None:
    page.locator("#account-button").click()
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("a long password")
    page.locator("#account-submit").click()
    expect(page.locator("#account-name")).to_have_text(email)


def test_filters_stand_in_the_address_and_survive_a_reload(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    place(**RESTING)
    place(type="stop", stopPrice="0.0001")
    page = open_page(live_server)
    page.get_by_role("tab", name="Resting").click()
    page.get_by_label("Pays", exact=True).select_option("JTO")
    expect(page.locator(".order-card .card-pair").first).to_contain_text("JTO")
    assert "view=resting" in page.url
    assert "tokenIn=JTO" in page.url
    page.reload()
    expect(page.get_by_role("tab", name="Resting")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Pays", exact=True)).to_have_value("JTO")
    expect(page.locator(".order-card:not(.loading)").first).to_be_visible()
    pairs = page.locator(".order-card .card-pair").all_text_contents()
    assert all("JTO" in pair for pair in pairs)
    page.go_back()
    expect(page.get_by_label("Pays", exact=True)).to_have_value("")


def test_nothing_yet_and_nothing_matches_are_told_apart(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    sign_up(page, "empty@example.org")
    expect(page.locator("#orders-empty")).to_contain_text("No active orders")
    page.get_by_label("Type", exact=True).select_option("stop")
    expect(page.locator("#orders-empty")).to_contain_text("No order matches these filters")
    page.locator("#orders-empty").get_by_role("button", name="Clear filters").click()
    expect(page.locator("#orders-empty")).to_contain_text("No active orders")


def test_load_more_continues_where_the_list_ended(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    for number in range(30):
        place(**RESTING | {"tokenIn": "MET", "amountIn": f"1.{number:02}1"})
    page = open_page("about:blank")
    readings: list[str] = []
    page.on(
        "request", lambda sent: readings.append(sent.url) if "status=open" in sent.url else None
    )
    page.goto(f"{live_server}/?view=resting&tokenIn=MET")
    expect(page.locator(".order-card")).to_have_count(25)
    expect(page.locator("#live-state")).to_have_text("Live")
    page.get_by_role("button", name="Load more").click()
    expect(page.locator(".order-card")).to_have_count(30)
    # One reading at first, one once the stream is live, one for "Load more".
    assert len(readings) <= 3
    shown = page.eval_on_selector_all(".order-card", "nodes => nodes.map(n => n.dataset.orderId)")
    assert shown == sorted(shown, reverse=True)
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()

    # Who comes back from an order finds the list as it was.
    page.locator(".order-card").last.get_by_role("link", name="Details").click()
    page.wait_for_url("**/orders/*")
    page.go_back()
    expect(page.locator(".order-card")).to_have_count(30)
    expect(page.locator(".order-card").last).to_be_in_viewport()


def test_many_resting_orders_get_their_distances_one_look_after_the_other(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    for number in range(24):
        place(**RESTING | {"tokenIn": "RAY", "amountIn": f"1.{number:02}1"})
    page = open_page(f"{live_server}/?view=resting&tokenIn=RAY")
    expect(page.locator(".order-card")).to_have_count(24)
    height = page.evaluate("document.documentElement.scrollHeight")
    expect(page.locator(".distance-text").filter(has_text="to go")).to_have_count(24)
    # A card that comes into view has the height that was kept for it, so nothing moves.
    page.locator(".order-card").last.scroll_into_view_if_needed()
    assert page.evaluate(HEIGHT_ONCE_DRAWN, ".order-card .card-head") == height


def load_more_during_the_second_reading(page: Page, url: str) -> Route:
    """Presses "Load more" while the page reads the list again; returns that request."""
    asked: list[Route] = []

    def hold_the_second(route: Route) -> None:
        asked.append(route)
        if len(asked) != 2:
            route.continue_()

    page.route("**/api/orders?*status=open*", hold_the_second)
    page.goto(url)
    expect(page.locator(".order-card")).to_have_count(25)
    # Once connected, the page reads again what it may have missed.
    while len(asked) < 2:
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Load more").click()
    return asked[1]


@pytest.mark.parametrize(("token", "answer"), [("JUP", Route.continue_), ("ORCA", Route.abort)])
def test_load_more_is_not_lost_while_the_list_is_read_again_even_if_that_fails(
    live_server: str,
    open_page: OpenPage,
    place: Place,
    token: str,
    answer: Callable[[Route], None],
) -> None:
    for number in range(30):
        place(**RESTING | {"tokenIn": token, "amountIn": f"1.{number:02}1"})
    page = open_page("about:blank")
    url = f"{live_server}/?view=resting&tokenIn={token}"
    answer(load_more_during_the_second_reading(page, url))
    expect(page.locator(".order-card")).to_have_count(30)
    expect(page.locator("#orders-empty")).to_be_hidden()


def test_an_account_keeps_its_orders_to_itself(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    sign_up(page, "alice@example.org")
    expect(page.locator("#scope-text")).to_have_text("Your orders. Nobody else sees them.")
    page.get_by_label("You pay", exact=True).fill("0.4242")
    page.get_by_role("button", name="Swap SOL").click()
    mine = page.locator(".order-card").filter(has=page.locator('data[value="0.4242"]'))
    expect(mine.get_by_role("status")).to_contain_text("Received")
    expect(mine.get_by_role("heading")).to_contain_text("0.4242 SOL to ")
    expect(mine.locator(".own")).to_have_count(0)  # All are.
    link = mine.get_by_role("link", name="Details").get_attribute("href")

    page.locator("#account-button").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.locator("#scope-text")).to_contain_text("Shared sandbox")
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#order-cards")).to_have_attribute("aria-busy", "false")
    expect(mine).to_have_count(0)
    page.goto(f"{live_server}{link}")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such order")


def test_page_asks_to_log_in_where_anonymous_access_is_off(
    guarded_server: str, open_page: OpenPage
) -> None:
    page = open_page(guarded_server)
    expect(page.locator("#live-state")).to_have_text("Not logged in")
    wide = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.locator("#live-state").evaluate("e => e.scrollWidth <= e.clientWidth"), "cut off"
    page.set_viewport_size(wide or {"width": 1280, "height": 720})
    page.locator("#submit").dispatch_event("click")
    expect(page.locator("#account-button")).to_be_focused()
    expect(page.locator("#orders-empty")).to_contain_text("Log in to see your orders")
    sign_up(page, "guarded@example.org")
    expect(page.locator("#live-state")).to_have_text("Live")
    page.get_by_label("You pay", exact=True).fill("0.25")
    page.get_by_role("button", name="Swap SOL").click()
    mine = page.locator(".order-card").first
    expect(mine.get_by_role("status")).to_contain_text("Received")


def test_queue_figures_need_an_account_where_anonymous_access_is_off(
    guarded_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{guarded_server}/operations")
    expect(page.locator("#operations-state")).to_have_text("Log in to see the figures.")
    sign_up(page, "operator@example.org")
    expect(page.locator("#operations-state")).to_contain_text("Updated every")
    expect(page.locator("[data-gauge=workers]")).to_have_text("1")


def test_wrong_password_is_said_in_the_dialog(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    page.locator("#account-button").click()
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.locator("#account-submit").click()
    expect(page.locator("#account-error")).not_to_be_empty()
    expect(page.locator("#account-name")).to_have_text("Log in")
