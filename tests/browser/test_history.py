"""The history as a table: live, sorted, narrowed, added up, taken away as a file."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_lists_and_accounts import sign_up
from tests.browser.test_managing import Owner, joins_orders


def paid(page: Page) -> list[str]:
    return page.locator("#history-rows tr td:nth-child(5)").all_text_contents()


def test_the_history_is_live_sorted_narrowed_added_up_and_exported(
    live_server: str, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{live_server}/history")
    with joins_orders(page):
        owner = Owner(live_server, page, "historian@example.org")
    expect(page.locator("#history-rows")).to_have_text("No order has ended yet.")
    swap = {"tokenIn": "SOL", "tokenOut": "USDC"}
    for amount in ("2", "10"):
        owner.place(**swap, amountIn=amount)
    expect(page.locator("#history-state")).to_have_text("2 found")
    expect(page.locator("#history-received")).to_contain_text("$")
    page.locator("#history-rows a").first.focus()
    page.evaluate("window.focused = document.activeElement")
    owner.place(**swap, amountIn="0.5")
    resting = owner.place(**swap, amountIn="3", type="limit", limitPrice="100000")
    owner.cancel(resting)
    expect(page.locator("#history-state")).to_have_text("4 found")
    expect(page.locator("#history-rows tr:nth-child(2) td").nth(7)).to_contain_text("$")
    assert page.evaluate("document.activeElement === window.focused"), "rows keep the focus"
    expect(page.locator("#history-totals")).to_contain_text("4 orders:")
    expect(page.locator("#history-totals")).to_contain_text("3 confirmed")
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
    owner.cancel(owner.place(**swap, amountIn="3", type="limit", limitPrice="100000"))
    page.locator(".table-box").evaluate(
        "(box) => { box.style.maxHeight = '90px'; box.scrollTop = 40; }"
    )
    in_sight = page.locator("#history-rows tr").nth(1)
    in_sight.evaluate(
        "(row) => { window.row = row; window.was = row.getBoundingClientRect().top; }"
    )
    owner.place(**swap, amountIn="1")
    expect(page.locator("#history-state")).to_have_text("4 found")
    moved = "() => Math.round(window.row.getBoundingClientRect().top - window.was)"
    assert page.evaluate(moved) == 0
    assert page.locator("#history-rows .status-chip").all_text_contents() == ["Confirmed"] * 4
    with page.expect_download() as begun:
        page.get_by_role("button", name="Export CSV").click()
    assert begun.value.suggested_filename == "orders.csv"
    begun.value.save_as(tmp_path / "orders.csv")
    rows = list(csv.DictReader((tmp_path / "orders.csv").read_text().splitlines()))
    assert [row["amountIn"] for row in rows] == ["1", "0.5", "10", "2"]
    assert {row["status"] for row in rows} == {"confirmed"}

    page.get_by_label("until").fill("2020-01-01")
    expect(page.locator("#history-rows")).to_contain_text("The first day is after the last")


def test_the_history_of_a_guarded_service_asks_to_log_in(
    guarded_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{guarded_server}/history")
    expect(page.locator("#history-rows")).to_have_text("Log in to see your orders.")
    sign_up(page, "reader@example.org")
    expect(page.locator("#history-rows")).to_have_text("No order has ended yet.")
