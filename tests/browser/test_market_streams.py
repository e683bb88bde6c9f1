"""The chart and the distances to triggers follow the streams, and are read over HTTP without."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Place
from tests.clients import wait_until

COUNT_CHANGES = """selector => {
  const node = document.querySelector(selector);
  window.changes = 0;
  new MutationObserver(() => { window.changes += 1; })
    .observe(node, { childList: true, characterData: true, subtree: true });
}"""
POLLED = ("/api/market/candles", "/api/quotes")


def polls(page: Page) -> list[str]:
    """The requests that polling sends, from now on."""
    seen: list[str] = []
    page.on(
        "request",
        lambda sent: seen.append(sent.url) if any(p in sent.url for p in POLLED) else None,
    )
    return seen


def changes(page: Page, selector: str, count: int) -> None:
    """Waits until an element's text has changed that often."""
    page.evaluate(COUNT_CHANGES, selector)
    wait_until(lambda: page.evaluate("window.changes") >= count, f"changes of {selector}")


def test_chart_and_distances_follow_the_streams_without_polling(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    order_id = place(type="limit", limitPrice="100000", amountIn="3")
    page = open_page("about:blank")
    with page.expect_response("**/api/orders?status=confirmed&tokenIn=SOL&tokenOut=USDC&*"):
        page.goto(f"{live_server}/?view=resting")  # For the marks of fills that no list shows.
    expect(page.locator("#live-badge")).to_have_attribute("data-state", "connected")
    distance = f'[data-order-id="{order_id}"] .distance-text'
    expect(page.locator(distance)).to_contain_text("to go")
    changes(page, "#market-last", 2)
    sent = polls(page)
    changes(page, "#market-last", 10)
    changes(page, distance, 4)
    page.get_by_label("5m", exact=True).check()
    changes(page, "#market-last", 4)
    assert sent == []

    page.goto(f"{live_server}/orders/{order_id}")
    expect(page.locator(".distance-text")).to_contain_text("to go")
    sent.clear()
    changes(page, ".distance-text", 8)
    assert sent == []


def test_page_without_a_live_connection_reads_the_chart(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    place(type="limit", limitPrice="100000", amountIn="4")
    page = open_page("about:blank")

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/socket.io/**", refuse)
    page.goto(f"{live_server}/?view=resting")
    expect(page.locator(".distance-text").first).to_contain_text("to go")
    changes(page, "#market-last", 2)
