"""What a trader does with orders that are there: protect, amend, cancel all, place again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from playwright.sync_api import Locator, Page, Route, WebSocket, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_lists_and_accounts import sign_up
from tests.clients import wait_until

JOIN = re.compile(r'42(\d+)\["subscribe_orders"')
CARDS = ".order-card:not(.loading)"


@contextmanager
def joins_orders(page: Page) -> Iterator[None]:
    """Ends once a connection made in the block has joined the orders, whose events it now gets."""
    asked: list[str] = []
    answered: list[str] = []

    def follow(connection: WebSocket) -> None:
        connection.on("framesent", lambda frame: asked.extend(JOIN.findall(str(frame))))
        connection.on("framereceived", lambda frame: answered.append(str(frame)))

    page.on("websocket", follow)
    yield

    def joined() -> bool:
        page.wait_for_timeout(20)
        return any(frame.startswith(f"43{number}[") for number in asked for frame in answered)

    wait_until(joined, "an answer to subscribe_orders")
    page.remove_listener("websocket", follow)


class Owner:
    """The account that is logged in on a page, over HTTP."""

    def __init__(self, server: str, page: Page, email: str) -> None:
        sign_up(page, email)
        self._server = server
        token = page.evaluate("JSON.parse(localStorage.getItem('orders.session')).token")
        self._headers = {"Authorization": f"Bearer {token}"}

    def place(self, **fields: str) -> str:
        answer = requests.post(
            f"{self._server}/api/orders", json=fields, headers=self._headers, timeout=10
        )
        answer.raise_for_status()
        return str(answer.json()["orderId"])

    def cancel(self, order_id: str) -> None:
        path = f"{self._server}/api/orders/{order_id}"
        requests.delete(path, headers=self._headers, timeout=10).raise_for_status()

    def amend(self, order_id: str, **terms: str) -> None:
        path = f"{self._server}/api/orders/{order_id}"
        requests.patch(path, json=terms, headers=self._headers, timeout=10).raise_for_status()


def dialog(page: Page) -> Locator:
    return page.locator("dialog[open]")


def asks_for(amount: str) -> re.Pattern[str]:
    """Requests of quotes for that amount."""
    return re.compile(rf"/api/quotes\?.*amountIn={re.escape(amount)}(&|$)")


def test_a_purchase_is_protected_and_one_of_the_two_is_amended_and_fills(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    with joins_orders(page):
        owner = Owner(live_server, page, "protector@example.org")
    owner.place(tokenIn="USDC", tokenOut="SOL", amountIn="300")
    page.locator(CARDS).get_by_role("button", name="Protect what was bought").click()
    take_profit, stop_loss = page.get_by_label("Take profit at"), page.get_by_label("Stop loss at")
    expect(take_profit).not_to_have_value("")
    expect(dialog(page)).to_contain_text("+5 % from the market")
    expect(dialog(page)).to_contain_text("−5 % from the market")
    good = stop_loss.input_value()
    stop_loss.fill("100000")
    page.get_by_role("button", name="Place take-profit and stop-loss").click()
    expect(dialog(page)).to_contain_text("Must be below the market")
    stop_loss.fill(good)
    above = take_profit.input_value()
    take_profit.fill(f"200.{1:019}")
    page.get_by_role("button", name="Place take-profit and stop-loss").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("18 of them decimals")
    take_profit.fill(above)
    page.get_by_role("button", name="Place take-profit and stop-loss").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Take-profit and stop-loss placed")
    waiting = page.locator(CARDS).filter(has_text="the first that triggers cancels the other")
    expect(waiting).to_have_count(2)

    page.locator(CARDS, has=page.locator(".kind:text-is('Take-profit')")).get_by_role(
        "link", name="Details"
    ).click()
    expect(page.locator("#group")).to_contain_text("Stop-loss")
    page.get_by_role("button", name="Amend").click()
    price = page.get_by_label("Limit price")
    expect(price).not_to_have_value("")
    owner.amend(page.url.split("/")[-1], limitPrice="100000")
    price.fill("90000")
    page.get_by_role("button", name="Amend order").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("changed meanwhile")
    expect(price).to_have_value("100000")
    price.fill("1")
    expect(dialog(page)).to_contain_text("triggers at once")
    page.get_by_role("button", name="Amend order").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator(".status-chip")).to_have_text("Confirmed")
    amended = page.locator(".timeline-entry").filter(has_text="Amended")
    expect(amended.last).to_contain_text("Limit price from 100,000 to 1 USDC per SOL")
    expect(page.locator("#group .group-sentence")).to_have_text(
        "Take-profit filled, stop-loss cancelled by it."
    )
    page.goto(f"{live_server}/?view=history")
    expect(page.locator(CARDS).filter(has_text="stop-loss cancelled by it")).to_have_count(2)


def test_a_position_is_protected_with_what_is_available(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{live_server}/portfolio")
    Owner(live_server, page, "holder@example.org")
    page.get_by_role("button", name="Protect SOL").click()
    amount = page.get_by_label("Amount SOL")
    expect(amount).to_have_value("1000")
    expect(dialog(page)).to_contain_text("The pool is too small for this amount")
    expect(page.get_by_label("Take profit at")).not_to_have_value("")
    held: list[Route] = []
    page.route(asks_for("1000.5"), lambda route: held.append(route))
    with page.expect_request(asks_for("1000.5")):
        amount.fill("1000.5")
    expect(dialog(page)).to_contain_text("You have 1,000 SOL available")
    with page.expect_response(asks_for("2.5")):
        amount.fill("2.5")
    # The pool's refusal of the old amount comes late: the new one must not suffer for it.
    with page.expect_response(asks_for("1")):
        for route in held:
            route.continue_()
    page.get_by_role("button", name="Place take-profit and stop-loss").click()
    expect(dialog(page)).to_have_count(0)
    row = page.locator("#balance-rows tr").filter(has=page.locator("th:text-is('SOL')"))
    expect(row.locator("td[data-label='In orders']")).to_have_text("2.5 SOL")
    expect(page.get_by_role("button", name="Protect USDC")).to_have_count(0)


def test_all_that_the_filters_name_is_cancelled_after_a_count_and_placed_again(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    owner = Owner(live_server, page, "canceller@example.org")
    swap = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1"}
    for number in range(3):
        owner.place(**swap, type="limit", limitPrice=str(90_000 + number))
    owner.place(**swap, type="stop", stopPrice="0.01")
    expect(page.locator(CARDS)).to_have_count(4)
    page.get_by_label("Type", exact=True).select_option("limit")
    page.locator("#cancel-all").click()
    page.get_by_role("button", name="Keep them").click()
    page.locator("#cancel-all").click()
    page.get_by_role("button", name="Cancel 3 orders").click()
    expect(page.locator(".toast").filter(has_text="3 orders cancelled")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(CARDS)).to_have_count(1)

    page.get_by_role("tab", name="History").click()
    page.locator(CARDS).first.get_by_role("button", name=re.compile("^Place again")).click()
    expect(dialog(page)).to_contain_text("It would wait for its limit price, 90,002 USDC per SOL")
    page.get_by_role("button", name="Place order").click()
    page.get_by_role("tab", name="Resting").click()
    newest = page.locator(CARDS).first
    expect(newest).to_contain_text("Fills at 90,002")
    newest.get_by_role("button", name="Cancel order").click()
    newest.get_by_role("button", name=re.compile("^Place again")).click()
    dialog(page).get_by_role("link", name="Change it first").click()
    expect(page.get_by_label("Limit", exact=True)).to_be_checked()
    expect(page.locator("#limit-price")).to_have_value("90002")
