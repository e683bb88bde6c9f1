"""Failing an order on purpose and moving the market, as a user does."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_managing import joins_orders
from tests.browser.test_submitting import card_of, fill_market, orders_of, pick_token


def test_order_fails_on_purpose_and_the_page_explains_why(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    page.get_by_text("Rehearse a failure").click()
    page.get_by_label("Scenario", exact=True).select_option("slippage_always")
    expect(page.locator("#scenario-hint")).to_contain_text("until no retry is left")
    fill_market(page, "0.7311")
    page.get_by_role("button", name="Swap SOL").click()

    card = card_of(page, "0.7311")
    expect(card).to_contain_text("slippage_always")
    expect(card.locator(".status-chip")).to_have_text("Failed")
    card.get_by_role("link", name="Details").click()
    expect(page.locator("#execution")).to_contain_text("Nothing")
    expect(page.locator("#terms")).to_contain_text("slippage_always")
    expect(
        page.get_by_text("The price moved beyond the order's slippage limit").first
    ).to_be_visible()
    expect(page.get_by_text("no transaction landed")).to_be_visible()
    page.locator("#terms").get_by_role("link", name="slippage_always").click()
    expect(page.locator("#slippage_always")).to_be_in_viewport()


def test_scenario_with_a_number_fills_with_it(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    page.get_by_text("Rehearse a failure").click()
    number = page.get_by_label("How much")
    expect(number).to_be_hidden()
    page.get_by_label("Scenario", exact=True).select_option("improves")
    fill_market(page, "0.7322")
    number.fill("abc")
    expect(page.locator("#scenario-number-error")).to_have_text(
        "Enter whole basis points from 1 to 9,999"
    )
    page.get_by_role("button", name="Check the scenario").dispatch_event("click")
    expect(number).to_be_focused()
    number.fill("70")
    page.get_by_role("button", name="Swap SOL").click()
    expect(card_of(page, "0.7322").locator(".status-chip")).to_have_text("Confirmed")
    (order,) = orders_of(live_server, "0.7322")
    assert order["scenario"] == "improves:70"


def test_moved_market_triggers_a_stop(live_server: str, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    with joins_orders(page):
        page.goto(live_server)
    pick_token(page, "pay", "JUP")
    expect(page.locator("#move-token")).to_have_text("JUP")
    url = f"{live_server}/api/quotes?tokenIn=JUP&tokenOut=USDC&amountIn=1"
    price = float(requests.get(url, timeout=10).json()["best"]["price"])
    stop = {"type": "stop", "tokenIn": "JUP", "tokenOut": "USDC", "amountIn": "0.7333"}
    body = stop | {"stopPrice": f"{price * 0.7:.6f}"}
    requests.post(f"{live_server}/api/orders/execute", json=body, timeout=10).raise_for_status()
    page.get_by_label("Percent to move the price").fill("-50")
    page.get_by_label("Seconds it takes").fill("0")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#move-result")).to_contain_text("JUP goes -50 % within 0 s.")
    expect(card_of(page, "0.7333").locator(".status-chip")).to_have_text("Confirmed")
    page.get_by_role("button", name="Let all run").click()
    expect(page.locator("#move-result")).to_contain_text("glide back")
    page.get_by_label("Percent to move the price").fill("-500")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#move-result")).to_have_text("Percent: must be at least -99.")
    page.get_by_label("Percent to move the price").fill("far")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#move-result")).to_contain_text("Enter a percentage")
