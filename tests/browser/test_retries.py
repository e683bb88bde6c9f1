"""An order whose first attempt failed, as its owner sees it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_managing import joins_orders
from tests.clients import submit


def test_retry_shows_its_reason_and_attempt_and_then_goes_on(
    retrying_server: str, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    with joins_orders(page):
        page.goto(retrying_server)
    order_id = submit(retrying_server, scenario="rpc_flaps")
    card = page.locator(f'.order-card[data-order-id="{order_id}"]')
    expect(card.locator(".status-chip")).to_have_text("Retrying")
    expect(card).to_contain_text("node could not be reached")
    expect(card).to_contain_text("Attempt 2 of 4 follows.")
    expect(card).to_contain_text("next attempt in")
    expect(card.get_by_role("button", name="Cancel")).to_be_visible()
    expect(card).to_contain_text("Received", timeout=20_000)

    page.goto(f"{retrying_server}/orders/{order_id}")
    entries = page.locator(".timeline-entry")
    expect(entries).to_have_count(7)
    expect(entries.nth(2)).to_contain_text("Waiting to retry")
    expect(entries.nth(2)).to_contain_text("node could not be reached")
    expect(entries.nth(3)).to_contain_text("Attempt 2")
    expect(entries.last).to_contain_text("Confirmed")
