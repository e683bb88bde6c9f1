"""The ticket: unsent orders, old quotes, launches, stops above the market, groups."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import base58
import requests
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Place
from tests.browser.test_submitting import card_of, fill_market, orders_of

OLD_MS = 10_500


def hold_order_back(page: Page, amount: str) -> None:
    """Lets no order of that amount through."""

    def hold(route: Route) -> None:
        if amount in (route.request.post_data or ""):
            route.abort()
        else:
            route.continue_()

    page.route("**/api/orders/execute", hold)


def test_an_unsent_order_leaves_the_ticket_usable_and_can_be_discarded(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    hold_order_back(page, "1.0611")
    fill_market(page, "1.0611")
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator("#submit-result")).to_contain_text("Not sent yet")
    expect(page.locator("#outbox")).to_contain_text("Trying again in")
    fill_market(page, "1.0612")
    page.get_by_role("button", name="Swap SOL").click()
    expect(card_of(page, "1.0612")).to_be_visible()
    page.locator("#outbox").get_by_role("button", name="Discard").click()
    expect(page.locator("#outbox li")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('orders.outbox')") == "[]"
    assert orders_of(live_server, "1.0611") == []


def test_an_unsent_order_is_sent_on_request(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    page.route(
        "**/api/orders/execute",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": "60", "Content-Type": "application/problem+json"},
            body='{"code": "rate_limited", "detail": "Too many requests: try again in 60 s."}',
        ),
    )
    fill_market(page, "1.0621")
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator("#outbox")).to_contain_text(re.compile(r"Trying again in \d+ s"))
    page.unroute("**/api/orders/execute")
    page.locator("#outbox").get_by_role("button", name="Send now").click()
    expect(card_of(page, "1.0621").get_by_role("status")).to_contain_text("Received")
    assert len(orders_of(live_server, "1.0621")) == 1


def test_an_unsent_order_leaves_as_soon_as_the_connection_is_back(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    fill_market(page, "1.0631")
    page.route(
        "**/api/orders/execute",
        lambda route: route.fulfill(status=503, headers={"Retry-After": "60"}, body="{}"),
    )
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator("#outbox")).to_contain_text("Trying again in")
    page.context.set_offline(True)
    page.unroute("**/api/orders/execute")
    page.context.set_offline(False)
    expect(card_of(page, "1.0631").get_by_role("status")).to_contain_text("Received")


def test_an_old_quote_is_not_traded_on(live_server: str, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto(live_server)
    fill_market(page, "1.0641")
    expect(page.locator("#quote-tiles")).to_have_attribute("data-state", "fresh")
    page.route("**/api/quotes?*", lambda route: route.abort())
    page.clock.run_for(OLD_MS)
    renew = page.get_by_role("button", name="Get a new quote")
    expect(renew).to_be_visible()
    page.unroute("**/api/quotes?*")
    renew.click()
    expect(page.get_by_role("button", name="Swap SOL")).to_be_visible()
    assert orders_of(live_server, "1.0641") == []


def test_a_practice_launch_is_picked_and_can_be_sniped_at_once(
    live_server: str, open_page: OpenPage
) -> None:
    for number in range(8):
        at = datetime.now(UTC) + timedelta(seconds=20 + number)
        launch = {
            "symbol": f"CROWD{number}",
            "mint": base58.b58encode(uuid4().bytes * 2).decode(),
            "priceUsd": "0.02",
            "liquidityUsd": "200000",
            "liveAt": at.isoformat().replace("+00:00", "Z"),
        }
        requests.post(f"{live_server}/api/market/launches", json=launch, timeout=10)
    page = open_page(live_server)
    # What the page reads later must not be needed.
    page.route("**/api/tokens", lambda route: route.abort())
    page.get_by_label("Sniper", exact=True).check()
    page.get_by_role("button", name="Schedule a practice launch").click()
    expect(page.locator("#practice-launch-result")).to_contain_text("is scheduled and picked")
    symbol = page.get_by_label("Token to buy").input_value()
    expect(page.get_by_role("button", name=symbol)).to_be_visible()
    page.get_by_label("You pay", exact=True).fill("0.0651")
    page.get_by_role("button", name="Place sniper order").click()
    expect(card_of(page, "0.0651")).to_be_visible()


def test_launches_are_searched_by_what_is_typed(live_server: str, open_page: OpenPage) -> None:
    at = datetime.now(UTC) + timedelta(days=9)
    launch = {
        "symbol": "FARAWAY",
        "mint": base58.b58encode(uuid4().bytes * 2).decode(),
        "priceUsd": "0.02",
        "liquidityUsd": "200000",
        "liveAt": at.isoformat().replace("+00:00", "Z"),
    }
    requests.post(f"{live_server}/api/market/launches", json=launch, timeout=10)
    page = open_page(live_server)
    page.get_by_label("Sniper", exact=True).check()
    page.get_by_label("Token to buy").fill("faraw")
    page.get_by_role("button", name="FARAWAY").click()
    expect(page.get_by_label("Token to buy")).to_have_value("FARAWAY")


def test_a_stop_above_the_market_asks_for_confirmation(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    page.get_by_label("Stop", exact=True).check()
    page.get_by_label("You pay", exact=True).fill("1.0661")
    page.get_by_label("Stop price").fill("1000000")
    button = page.get_by_role("button", name="Confirm the stop above the market")
    button.click(force=True)
    expect(page.get_by_role("checkbox")).to_be_focused()
    assert orders_of(live_server, "1.0661") == []
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Place stop order").click()
    expect(card_of(page, "1.0661")).to_be_visible()


def test_orders_are_followed_without_the_live_feed(live_server: str, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    page.goto(live_server)
    fill_market(page, "1.0681")
    page.get_by_role("button", name="Swap SOL").click()
    expect(card_of(page, "1.0681").get_by_role("status")).to_contain_text("Received")


def test_orders_of_a_group_link_each_other_and_say_which_one_triggered(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    group = str(uuid4())
    loser = place(type="limit", limitPrice="1000000", ocoGroup=group)
    winner = place(type="stop", stopPrice="1000000", ocoGroup=group)
    page = open_page(f"{live_server}/orders/{loser}")
    expect(page.locator(f'#group a[href="/orders/{winner}"]')).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("another order of its group triggered")
    expect(page.locator("#progress")).to_contain_text("another order of its group triggered")
    expect(page.locator("#group")).to_contain_text("cancelled by it")
    page.locator(f'#timeline a[href="/orders/{winner}"]').click()
    expect(page.locator(f'#group a[href="/orders/{loser}"]')).to_be_visible()
