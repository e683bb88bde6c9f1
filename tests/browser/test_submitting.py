"""From the ticket to the outcome, as a user does it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage, Place

RESTING_PRICE = "100000"


def fill_market(page: Page, amount: str) -> None:
    page.get_by_label("You pay", exact=True).fill(amount)
    expect(page.get_by_role("button", name="Swap SOL")).to_have_attribute("aria-disabled", "false")


def pick_token(page: Page, side: str, symbol: str) -> None:
    """Chooses the token that the user pays or receives."""
    page.get_by_label(f"Token you {side}").click()
    page.get_by_label("Search tokens").fill(symbol)
    page.get_by_label("Search tokens").press("Enter")
    expect(page.get_by_label(f"Token you {side}")).to_have_text(symbol)


def card_of(page: Page, amount: str) -> Locator:
    return page.locator(".order-card").filter(has=page.locator(f'data[value="{amount}"]'))


def orders_of(server: str, amount: str) -> list[dict[str, Any]]:
    listed = requests.get(f"{server}/api/orders?limit=100", timeout=10).json()["orders"]
    return [order for order in listed if str(order["amountIn"]) == amount]


def test_market_order_is_watched_from_the_ticket_to_confirmed(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    fill_market(page, "1,6250")
    expect(page.locator(".quote-tile[data-best=true]")).to_have_count(1)
    page.get_by_role("button", name="Swap SOL").click()

    card = card_of(page, "1.625")
    expect(card.get_by_role("status")).to_contain_text("Received")
    expect(card.locator(".step[data-state=done]")).to_have_count(5)
    assert page.url.rstrip("/") == live_server

    page.locator(".toast").get_by_role("link", name="Order confirmed").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.625 SOL")
    expect(page.locator(".timeline-entry")).to_have_count(5)
    expect(page.locator("#execution")).to_contain_text("Received")
    expect(page.locator("#routing")).to_contain_text("Chosen")
    expect(page.locator("#transaction")).to_contain_text("Simulated")


def test_limit_order_rests_with_its_distance_and_can_be_cancelled(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    page.get_by_label("Limit", exact=True).check()
    page.get_by_label("You pay", exact=True).fill("0.731")
    expect(page.get_by_label("Limit price")).not_to_have_value("")
    page.get_by_label("Limit price").fill("")
    expect(page.get_by_role("button", name="Enter a limit price")).to_be_visible()
    page.get_by_label("Limit price").fill(RESTING_PRICE)
    page.get_by_role("button", name="Place limit order").click()

    card = card_of(page, "0.731")
    expect(card.get_by_role("status")).to_contain_text("Fills at 100,000 USDC per SOL or more")
    expect(card.locator(".distance-text")).to_contain_text(re.compile(r"\d,\d{3} % to go"))
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".status-chip")).to_have_text("Cancelled")
    expect(card.get_by_role("button", name="Cancel")).to_be_hidden()


def test_amounts_keep_the_digits_that_a_float_would_lose(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    exact = "123456789.123456789"
    assert str(float(exact)) != exact
    order_id = place(type="limit", amountIn=exact, limitPrice=RESTING_PRICE)
    page = open_page(f"{live_server}/orders/{order_id}")
    expect(page.locator(f'#terms data[value="{exact}"]')).to_be_visible()


def test_sniper_order_buys_when_the_picked_launch_opens(
    live_server: str, open_page: OpenPage
) -> None:
    live_at = datetime.now(UTC) + timedelta(seconds=4)
    launch = {
        "symbol": "COMET",
        "mint": "CometCometCometCometCometCometCometComet123",
        "priceUsd": "0.02",
        "liquidityUsd": "200000",
        "liveAt": live_at.isoformat().replace("+00:00", "Z"),
    }
    requests.post(f"{live_server}/api/market/launches", json=launch, timeout=10).raise_for_status()
    page = open_page(live_server)
    page.get_by_label("Sniper", exact=True).check()
    page.get_by_role("button", name="COMET").click()
    page.get_by_label("You pay", exact=True).fill("0.377")
    page.get_by_role("button", name="Place sniper order").click()
    expect(card_of(page, "0.377").get_by_role("status")).to_contain_text("Received")


def test_double_click_and_repeated_enter_place_one_order(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    fill_market(page, "1.0413")
    page.get_by_role("button", name="Swap SOL").dblclick()
    page.get_by_label("You pay", exact=True).press("Enter")
    page.get_by_label("You pay", exact=True).press("Enter")
    expect(card_of(page, "1.0413").get_by_role("status")).to_contain_text("Received")
    assert len(orders_of(live_server, "1.0413")) == 1


def test_reload_after_a_lost_answer_sends_the_same_order_again(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    fill_market(page, "1.0517")

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/orders/execute", lose_answer)
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator("#outbox")).to_contain_text("Trying again")
    page.unroute("**/api/orders/execute")
    page.reload()
    expect(page.locator("#submit-result")).to_contain_text("Market order placed")
    expect(page.locator("#outbox li")).to_have_count(0)
    assert len(orders_of(live_server, "1.0517")) == 1


def test_the_button_names_what_blocks_the_order_until_it_is_mended_or_accepted(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    button = page.locator("#submit")
    amount = page.get_by_label("You pay", exact=True)
    expect(button).to_have_text("Enter an amount")
    amount.fill("one")
    expect(button).to_have_text("Check the amount")
    expect(page.locator("#amount-in-error")).to_have_text("Enter a number, such as 1.5")
    amount.fill("1.0000000001")
    expect(page.locator("#amount-in-error")).to_have_text("SOL has at most 9 decimals")
    amount.fill("1")
    page.get_by_label("Custom", exact=True).check()
    expect(button).to_have_text("Enter a slippage tolerance")
    page.get_by_label("Custom slippage").fill("51")
    expect(page.locator("#slippage-note")).to_have_text(
        "Enter a percentage from 0 to 50, in steps of 0.01"
    )
    page.get_by_label("Custom slippage").fill("0.001")
    expect(page.locator("#slippage-note")).to_contain_text("in steps of 0.01")
    expect(button).to_have_text("Enter a slippage tolerance")
    page.get_by_label("Custom slippage").fill("6")
    expect(page.locator("#slippage-note")).to_contain_text("up to 6 % less")
    expect(button).to_have_text("Swap SOL")
    button.click()
    expect(page.locator("#submit-result")).to_contain_text("placed")

    amount.fill("100")
    expect(button).to_have_text("Accept the price impact first")
    expect(page.locator("#impact")).to_contain_text("very high")
    page.get_by_label("Type accept").fill("accept")
    expect(button).to_have_text("Swap SOL")

    # Choosing the token that is on the other side flips the pair.
    pick_token(page, "pay", "USDC")
    expect(page.get_by_label("Token you receive")).to_have_text("SOL")
    page.get_by_role("button", name="Flip").click()
    expect(page.get_by_label("Token you pay")).to_have_text("SOL")
    expect(page.locator("#market-pair")).to_have_text("SOL / USDC")


def test_a_refusal_by_the_server_is_shown_and_nothing_is_resent(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    fill_market(page, "1.0619")
    problem = '{"status": 409, "code": "idempotency_conflict", "detail": "This key was used."}'
    page.route(
        "**/api/orders/execute",
        lambda route: route.fulfill(
            status=409, body=problem, content_type="application/problem+json"
        ),
    )
    page.get_by_role("button", name="Swap SOL").click()
    expect(page.locator("#submit-result")).to_have_text("This key was used.")
    assert page.evaluate("localStorage.getItem('orders.outbox')") == "[]"


def test_failed_order_says_what_happened_and_can_be_tried_again(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    order_id = place(amountIn="900000000")
    page = open_page(f"{live_server}/orders/{order_id}")
    expect(page.locator(".advice")).to_contain_text("No. 900,000,000 SOL stayed where it was")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(lambda url: "/orders/" in url and order_id not in url)
    expect(page.locator(".advice")).to_contain_text("What to do")


def test_text_that_users_type_never_becomes_markup(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    hostile = '<img src=x onerror="window.hit=1">'
    page = open_page(live_server)
    for kind in ("Market", "Limit", "Stop", "Sniper"):
        page.get_by_label(kind, exact=True).check()
        for field in page.locator("#ticket input:not([type=radio]):visible").all():
            field.fill(hostile[: int(field.get_attribute("maxlength") or 99)])
    page.locator("#submit").dispatch_event("click")
    page.locator("#account-button").click()
    page.get_by_label("Email").fill(hostile)
    page.get_by_label("Password", exact=True).fill(hostile)
    page.locator("#account-submit").click()
    expect(page.locator("#account-error")).not_to_be_empty()
    page.goto(f"{live_server}/?view={hostile}&type={hostile}")
    order_id = place(userId=hostile, type="limit", limitPrice=RESTING_PRICE)
    page.goto(f"{live_server}/orders/{order_id}")
    expect(page.locator("#terms")).to_contain_text(hostile)
    page.goto(f"{live_server}/orders/%3Cimg%20src=x%20onerror=window.hit=1%3E")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such order")
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hit") is None
