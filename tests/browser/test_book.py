"""The book under /docs, in a browser: searchable, for everybody, and from no other host."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_access import Theme, violations, wait_until_it_fits
from tests.docs_site import built_site

PAGES = ("/docs/", "/docs/guide/first-order", "/docs/live-messages", "/docs/errors")


@pytest.fixture(scope="module", autouse=True)
def book() -> None:
    """The pages are built."""
    built_site()


def test_search_finds_an_error_code_and_leads_to_it(live_server: str, open_page: OpenPage) -> None:
    page = open_page(f"{live_server}/docs")
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/docs")[0].split("/static")[0]))
    page.reload()
    # Key by key: the box takes no notice of text that is pasted while it has the focus.
    page.get_by_role("textbox", name="Search").press_sequentially("insufficient_funds")
    page.locator(".md-search-result__link", has_text="The account's wallet has less").click()
    expect(page).to_have_url(re.compile(r"/docs/errors\.html.*#insufficient_funds$"))
    expect(page.get_by_role("heading", name="insufficient_funds")).to_be_in_viewport()
    assert hosts == {live_server}


def test_the_language_of_the_examples_is_chosen_once(live_server: str, open_page: OpenPage) -> None:
    page = open_page(f"{live_server}/docs/guide/first-order")
    expect(page.get_by_text("import requests", exact=False).first).to_be_visible()
    page.get_by_text("JavaScript", exact=True).first.click()
    expect(page.get_by_text("import requests", exact=False).first).to_be_hidden()
    page.goto(f"{live_server}/docs/guide/follow-an-order")
    expect(page.get_by_text("import { io } from", exact=False).first).to_be_visible()


def test_axe_finds_no_violation_in_the_book_and_no_page_is_wider_than_the_screen(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page("about:blank", color_scheme="light", bypass_csp=True)
    for path in (*PAGES, "/docs/guide/digits"):
        page.goto(f"{live_server}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wait_until_it_fits(page)  # Ends on a phone.
        assert violations(page) == [], path


def test_axe_finds_no_violation_beside_the_columns_of_a_wide_screen(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page("about:blank", bypass_csp=True)
    visits: tuple[tuple[Theme, str], ...] = (
        ("dark", PAGES[0]),
        ("light", PAGES[0]),
        ("light", PAGES[1]),
    )
    for theme, path in visits:
        page.emulate_media(color_scheme=theme)
        page.goto(f"{live_server}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(page) == [], (theme, path)
