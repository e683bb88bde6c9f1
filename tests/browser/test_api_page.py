"""The API page: readable for everybody, and its requests can be sent from it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_access import violations_in_both_themes, wait_until_it_fits

LINES = """node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return range.getClientRects().length;
}"""
"""How many lines an element's text takes."""


@pytest.mark.parametrize("path", ["/docs/explorer", "/docs/errors.md", "/a/mistyped/address"])
def test_axe_finds_no_violation_on_documents(
    live_server: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(f"{live_server}{path}", reduced_motion="reduce", bypass_csp=True)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations_in_both_themes(page) == []


def test_the_api_page_is_no_wider_than_the_screen(live_server: str, open_page: OpenPage) -> None:
    page = open_page(f"{live_server}/docs/explorer")
    wait_until_it_fits(page)
    # On a phone, a status is not broken letter by letter, nor are names shown as the code has them.
    assert page.locator(".operation th").first.evaluate(LINES) == 1
    text = page.locator("main").inner_text()
    assert "Linked orders" in text
    assert "Linked_orders" not in text
    assert "`" not in text


def test_an_order_is_placed_and_read_from_the_api_page(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{live_server}/docs/explorer")
    page.get_by_role("button", name="Send: Place an order, with or without an account").click()
    placed = page.get_by_role("region", name="Answer to Place an order, with or without an account")
    expect(placed).to_contain_text('"success": true')
    order_id = placed.inner_text().split('"orderId": "')[1].split('"')[0]
    reading = page.locator("form[data-path='/api/orders/{orderId}'][data-method=GET]")
    reading.locator("[name=orderId]").fill(order_id)
    reading.get_by_role("button").click()
    expect(reading.get_by_role("status")).to_contain_text("200")
    expect(reading.locator("pre")).to_contain_text('"amountIn": 1.5')
