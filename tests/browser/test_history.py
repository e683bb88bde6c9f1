"""The history as a table: sorted, narrowed, added up, taken away as a file."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_lists_and_accounts import sign_up
from tests.browser.test_managing import Owner


def paid(page: Page) -> list[str]:
    return page.locator("#history-rows tr td:nth-child(5)").all_text_contents()


def test_the_history_is_sorted_narrowed_added_up_and_exported(
    live_server: str, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{live_server}/history")
    owner = Owner(live_server, page, "historian@example.org")
    expect(page.locator("#history-rows")).to_have_text("No order has ended yet.")
    swap = {"tokenIn": "SOL", "tokenOut": "USDC"}
    for amount in ("2", "10", "0.5"):
        owner.place(**swap, amountIn=amount)
    resting = owner.place(**swap, amountIn="3", type="limit", limitPrice="100000")
    owner.cancel(resting)
    for _ in range(20):
        page.get_by_role("button", name="Refresh").click()
        expect(page.locator("#history-state")).to_contain_text("found")
        if page.locator("#history-state").text_content() == "4 found":
            break
    expect(page.locator("#history-totals")).to_contain_text("4 orders:")
    expect(page.locator("#history-totals")).to_contain_text("3 confirmed")
    expect(page.locator("#history-received")).to_contain_text("$")
    assert paid(page) == ["–", "0.5 SOL", "10 SOL", "2 SOL"]
    page.locator("th[data-column=amountIn] button").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Paid")
    assert [text for text in paid(page) if text != "–"] == ["10 SOL", "2 SOL", "0.5 SOL"]
    page.locator("th[data-column=amountIn] button").click()
    assert [text for text in paid(page) if text != "–"] == ["0.5 SOL", "2 SOL", "10 SOL"]

    page.get_by_role("button", name="Today").click()
    page.get_by_label("Status").select_option("confirmed")
    expect(page.locator("#history-state")).to_have_text("3 found")
    page.reload()
    expect(page.get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#history-state")).to_have_text("3 found")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Export CSV").click()
    assert begun.value.suggested_filename == "orders.csv"
    begun.value.save_as(tmp_path / "orders.csv")
    rows = list(csv.DictReader((tmp_path / "orders.csv").read_text().splitlines()))
    assert [row["amountIn"] for row in rows] == ["0.5", "10", "2"]
    assert {row["status"] for row in rows} == {"confirmed"}

    page.get_by_label("until").fill("2020-01-01")
    expect(page.locator("#history-rows")).to_have_text("No order matches these filters.")


def test_the_history_of_a_guarded_service_asks_to_log_in(
    guarded_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{guarded_server}/history")
    expect(page.locator("#history-rows")).to_have_text("Log in to see your orders.")
    sign_up(page, "reader@example.org")
    expect(page.locator("#history-rows")).to_have_text("No order has ended yet.")
