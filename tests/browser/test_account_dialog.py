"""The account's dialog: the wait after too many log-ins, sessions, another password."""

from __future__ import annotations

import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_access import violations
from tests.browser.test_lists_and_accounts import sign_up

PASSWORD = "a long password"


def log_in(page: Page, email: str, password: str) -> None:
    page.locator("#account-button").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.locator("#account-submit").click()
    expect(page.locator("#account-name")).to_have_text(email)


def test_too_many_log_ins_are_counted_down(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    page.route(
        "**/api/auth/login",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": "2", "Content-Type": "application/problem+json"},
            body='{"code": "rate_limited", "detail": "Too many requests. Try again in 2 s."}',
        ),
    )
    page.locator("#account-button").click()
    page.get_by_label("Email").fill("hasty@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    submit = page.locator("#account-submit")
    submit.click()
    expect(submit).to_have_text("Try again in 2 s")
    expect(submit).to_be_disabled()
    expect(page.locator("#account-error")).to_contain_text("Too many requests")
    expect(submit).to_have_text("Log in")
    expect(submit).to_be_enabled()


def test_sessions_are_listed_ended_and_all_end_together(
    live_server: str, open_page: OpenPage
) -> None:
    email = "somebody-with-a-name-that-fills-a-line@wanderer.example.org"
    page = open_page(live_server, bypass_csp=True, reduced_motion="reduce")
    sign_up(page, email)
    program = requests.post(
        f"{live_server}/api/auth/login", json={"email": email, "password": PASSWORD}, timeout=10
    ).json()["token"]
    other = open_page(f"{live_server}/?amountIn=0.123", width=360, bypass_csp=True)
    log_in(other, email, PASSWORD)
    other.locator("#account-button").click()
    inner = "e => e.scrollWidth <= e.clientWidth"
    assert other.locator("#account-dialog").evaluate(inner)
    other.get_by_role("button", name="Close").click()

    page.locator("#account-button").click()
    listed = page.locator("#session-list li")
    expect(listed).to_have_count(3)
    expect(listed.filter(has_text="this one")).to_have_count(1)
    assert violations(page) == []
    listed.filter(has_text="python-requests").get_by_role("button").click()
    expect(listed).to_have_count(2)
    headers = {"Authorization": f"Bearer {program}"}
    assert (
        requests.get(f"{live_server}/api/auth/me", headers=headers, timeout=10).status_code == 401
    )

    page.get_by_text("Change password").first.click()
    page.get_by_label("Current password").fill("wrong password")
    page.get_by_label("New password").fill("an even longer password")
    page.locator("#password-submit").click()
    expect(page.locator("#password-result")).to_have_text("The current password is wrong.")
    page.get_by_label("Current password").fill(PASSWORD)
    page.locator("#password-submit").click()
    expect(page.locator("#password-result")).to_contain_text("Your password is changed")
    expect(listed).to_have_count(1)

    # Where the session has ended, the page says so and does nothing in anybody else's name.
    expect(other.locator("#session-notice")).to_contain_text("Your session has ended")
    expect(other.locator("#orders-empty")).to_contain_text("Log in to see your orders")
    expect(other.locator("#submit")).to_have_text("Log in to trade")
    other.locator("#submit").dispatch_event("click")
    expect(other.locator("#session-login")).to_be_focused()
    assert violations(other) == []
    other.reload()
    other.get_by_role("button", name="Go on without an account").click()
    expect(other.locator("#session-notice")).to_be_hidden()
    expect(other.locator("#scope-text")).to_contain_text("Shared sandbox")

    log_in(other, email, "an even longer password")
    page.get_by_role("button", name="Log out everywhere").click()
    expect(page.locator("#account-name")).to_have_text("Log in")
    expect(other.locator("#account-name")).to_have_text("Log in")


def test_logging_out_takes_the_token_back(live_server: str, open_page: OpenPage) -> None:
    page = open_page(live_server)
    sign_up(page, "leaver@example.org")
    token = page.evaluate("JSON.parse(localStorage.getItem('orders.session')).token")
    page.locator("#account-button").click()
    with page.expect_response("**/api/auth/logout"):
        page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.locator("#account-name")).to_have_text("Log in")
    headers = {"Authorization": f"Bearer {token}"}
    assert (
        requests.get(f"{live_server}/api/auth/me", headers=headers, timeout=10).status_code == 401
    )
