"""Prices the right way round, prefilled and dragged; tokens found; links that fill the ticket."""

from __future__ import annotations

import re
from decimal import Decimal

import requests
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenPage, Place
from tests.browser.test_access import violations
from tests.browser.test_submitting import card_of, orders_of, pick_token

DRAG_PX = 40


def price_in(field: Locator) -> Decimal:
    """What the field holds, once there is something."""
    expect(field).not_to_have_value("")
    return Decimal(field.input_value())


def near(one: Decimal, other: Decimal, *, within: str = "0.005") -> bool:
    """Whether two prices differ by no more than the market moves meanwhile."""
    return abs(one / other - 1) < Decimal(within)


def net_price(server: str, token_in: str, token_out: str) -> Decimal:
    pair = f"tokenIn={token_in}&tokenOut={token_out}&amounts=string"
    answer = requests.get(f"{server}/api/market/prices?{pair}", timeout=10).json()
    return Decimal(answer["net"])


def test_who_buys_sol_reads_and_types_usdc_per_sol_everywhere(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    pick_token(page, "pay", "USDC")
    expect(page.locator("#market-pair")).to_have_text("SOL / USDC")
    page.get_by_label("Limit", exact=True).check()
    page.get_by_label("You pay", exact=True).fill("30.0701")
    field = page.get_by_label("Limit price")
    assert near(price_in(field), 1 / net_price(live_server, "USDC", "SOL"))
    field.fill("15")
    expect(page.locator("#limit-price-sent")).to_have_text(
        "Sent as 0.066666666666666667 SOL per USDC."
    )
    expect(page.locator("#what-happens")).to_contain_text("would fill at about 15 USDC per SOL")
    page.get_by_role("button", name="Place limit order").click()
    card = card_of(page, "30.0701")
    expect(card.get_by_role("status")).to_contain_text("Fills at 15 USDC per SOL or less")
    expect(card.locator(".distance-text")).to_contain_text(re.compile(r"Market 1\d\d\S* USDC"))
    [order] = orders_of(live_server, "30.0701")
    assert order["limitPrice"] == 0.066666666666666667

    details = card.get_by_role("link", name="Details").get_attribute("href")
    page.get_by_role("button", name="Show prices as SOL per USDC").click()
    expect(page.locator("#market-pair")).to_have_text("USDC / SOL")
    expect(page.get_by_role("img", name="Price of USDC in SOL")).to_be_visible()
    expect(card.get_by_role("status")).to_contain_text("SOL per USDC or more")
    expect(field).to_have_value("0.0666666667")
    expect(page.locator("#limit-price-sent")).to_be_hidden()
    page.goto(f"{live_server}{details}")
    expect(page.locator("#terms")).to_contain_text("0.06667 SOL per USDC")
    page.get_by_role("button", name="Show them as USDC per SOL").click()
    expect(page.locator("#terms")).to_contain_text("15 USDC per SOL")
    page.reload()
    expect(page.locator("#terms")).to_contain_text("15 USDC per SOL")
    expect(page.get_by_role("button", name="Show them as SOL per USDC")).to_be_visible()


def test_a_limit_is_prefilled_stepped_and_dragged_and_the_line_follows(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    page.get_by_label("You pay", exact=True).fill("0.0711")
    page.get_by_label("Limit", exact=True).check()
    field = page.get_by_label("Limit price")
    steps = page.get_by_role("group", name="Relative to the market").locator("visible=true")
    market = price_in(field)
    assert near(market, net_price(live_server, "SOL", "USDC"))
    steps.get_by_role("button", name="+5 %").click()
    assert near(price_in(field), market * Decimal("1.05"))
    expect(page.locator("#what-happens")).to_contain_text("away. It would fill at about")
    handle = page.locator(".chart-handle")
    expect(handle).to_be_visible()
    handle.hover()  # Waits until it stands still, unlike the mouse.
    before = handle.bounding_box()
    assert before is not None
    x, y = before["x"] + 60, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + DRAG_PX / 2)
    page.mouse.move(x, y + DRAG_PX)
    dragged = price_in(field)
    page.mouse.up()
    assert market * Decimal("0.9") < dragged < market * Decimal("1.05")
    assert near(price_in(field), dragged)
    field.fill("1000000")
    expect(handle).to_be_hidden()
    steps.get_by_role("button", name="Market").click()
    expect(handle).to_be_visible()

    page.get_by_role("button", name="Best net").click()
    expect(page.locator("#chart-note")).to_contain_text("what limit orders look at")
    page.get_by_label("Stop", exact=True).check()
    assert near(price_in(page.get_by_label("Stop price")), market * Decimal("0.95"), within="0.03")
    expect(page.get_by_role("button", name="Best spot")).to_have_attribute("aria-pressed", "true")


def test_a_resting_order_is_cancelled_from_the_chart(
    live_server: str, open_page: OpenPage, place: Place
) -> None:
    market = net_price(live_server, "JUP", "USDC")
    wish = str(round(market * Decimal("1.08"), 6))
    order_id = place(type="limit", limitPrice=wish, tokenIn="JUP", tokenOut="USDC")
    # The ticket's own line is kept in view, and so is what lies between.
    page = open_page(
        f"{live_server}/?type=limit&tokenIn=JUP&limitPrice={market * Decimal('1.12'):f}"
    )
    button = page.get_by_role("button", name=re.compile(r"^Cancel limit order at .* USDC per JUP"))
    expect(button.locator("visible=true")).to_have_count(1)
    assert violations(page) == []
    button.locator("visible=true").press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel this order?")
    expect(dialog).to_contain_text("The limit order for 1 JUP to USDC at")
    assert violations(page) == []
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    button.locator("visible=true").click()
    dialog.get_by_role("button", name="Cancel the order").click()
    chip = page.locator(f'.order-card[data-order-id="{order_id}"] .status-chip')
    expect(chip).to_have_text("Cancelled")
    expect(button.locator("visible=true")).to_have_count(0)


def test_tokens_are_searched_and_chosen_by_keyboard(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server, bypass_csp=True, permissions=["clipboard-write"])
    page.get_by_label("Token you receive").click()
    search = page.get_by_label("Search tokens")
    expect(search).to_be_focused()
    row = page.locator(".token-row").filter(has_text="dogwifhat")
    expect(row.locator(".token-price")).to_contain_text("$")
    expect(row.locator(".token-change")).to_contain_text("%")
    assert row.locator("polyline").get_attribute("points")
    assert violations(page) == []
    search.fill("Ekpqg")
    expect(page.locator("#token-count")).to_have_text("No token is called that")
    search.fill("EKpQG")
    expect(page.locator(".token-row")).to_have_count(1)
    row.get_by_role("button", name="Copy mint address of WIF").click()
    expect(row.get_by_role("button", name="Copied")).to_be_visible()
    search.fill("jup")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.dataset.symbol")
    assert chosen in ("JUP", "jupSOL", "JLP")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Token you receive")).to_have_text(chosen)
    expect(page.get_by_label("Token you receive")).to_be_focused()
    page.get_by_label("You pay", exact=True).fill("2")
    expect(page.locator("#amount-in-usd")).to_contain_text("≈ $")
    expect(page.locator("#amount-out-usd")).to_contain_text("≈ $")


def test_a_link_fills_the_ticket_and_says_what_of_it_is_not_usable(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(
        f"{live_server}/?type=limit&tokenIn=USDC&tokenOut=SOL&amountIn=20.5&limitPrice=0.0625"
    )
    expect(page.get_by_label("Limit price")).to_have_value("16")
    expect(page.get_by_label("You pay", exact=True)).to_have_value("20.5")
    expect(page.locator("#limit-price-sent")).to_have_text("Sent as 0.0625 SOL per USDC.")
    expect(page.get_by_role("button", name="Place limit order")).to_be_visible()
    expect(page.get_by_label("Type", exact=True)).to_have_value("")
    assert page.url.rstrip("/") == live_server
    page.goto(f"{live_server}/?tokenIn=<b>&amountIn=many&stopPrice=3&tokenOut=BONK")
    expect(page.locator("#submit-result")).to_have_text(
        "Not usable in the link, so left out: tokenIn, amountIn, stopPrice."
    )
    expect(page.get_by_label("Token you receive")).to_have_text("BONK")
