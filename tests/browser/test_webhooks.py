"""The webhooks' page: made, tested, delivered to, sent again, paused, changed and deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.browser.conftest import OpenPage
from tests.browser.test_access import violations_in_both_themes, wait_until_it_fits
from tests.browser.test_lists_and_accounts import sign_up
from tests.clients import wait_until

STATUSES = ["pending", "routing", "building", "submitted", "confirmed"]


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"


class Handler(BaseHTTPRequestHandler):
    """One message."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def place(page: Page, url: str) -> str:
    token = page.evaluate("JSON.parse(localStorage.getItem('orders.session')).token")
    order = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "0.25"}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{url}/api/orders", json=order, headers=headers, timeout=10)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["orderId"])


def test_webhook_is_made_tested_and_its_deliveries_are_seen_and_sent_again(
    live_server: str, open_page: OpenPage, receiver: Receiver
) -> None:
    page = open_page(live_server)
    sign_up(page, "hooked@example.org")
    page.locator("#account-button").click()
    page.get_by_role("link", name="Webhooks").click()
    expect(page.get_by_text("No webhooks yet")).to_be_visible()

    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#webhook-url-error")).to_contain_text("Give the address")
    page.get_by_label("URL").fill("ftp://example.org")
    page.keyboard.press("Enter")
    expect(page.locator("#webhook-url-error")).to_contain_text("https")
    page.get_by_label("URL").fill(receiver.url)
    page.get_by_label("Amounts as strings").check()
    page.get_by_role("button", name="Create webhook").click()
    secret = page.locator("#secret")
    expect(secret).to_contain_text("whsec_")
    verifier = Webhook(str(secret.text_content()))
    page.get_by_role("button", name="I have stored it").click()
    expect(secret).to_be_hidden()
    assert "whsec_" not in page.content()

    card = page.locator(".webhook")
    expect(card.locator(".status-chip").first).to_have_text("Active")
    expect(card).to_contain_text("All statuses; amounts as strings")
    card.get_by_role("button", name="Send a test").click()
    expect(card.get_by_role("status")).to_contain_text("answered 204")

    order_id = place(page, live_server)
    card.locator("summary").click()
    rows = card.locator("tbody tr")
    expect(rows).to_have_count(len(STATUSES))
    expect(rows.locator(".status-chip", has_text="Delivered")).to_have_count(len(STATUSES))
    expect(rows.first.locator("[data-label=Answer]")).to_have_text("204")
    expect(rows.first.get_by_role("link")).to_have_attribute("href", f"/orders/{order_id}")
    _test, *events = [verifier.verify(body, headers) for headers, body in receiver.received]
    assert [event["status"] for event in events] == STATUSES
    assert isinstance(events[-1]["executedPrice"], str)
    rows.nth(1).get_by_role("button").click()
    wait_until(lambda: len(receiver.received) == 7, "the event that was sent again")
    assert receiver.received[-1][0]["webhook-id"] == f"{order_id}:4"


def test_failing_webhook_says_why_and_can_be_paused_changed_and_deleted(
    live_server: str, open_page: OpenPage, receiver: Receiver
) -> None:
    page = open_page(f"{live_server}/webhooks")
    expect(page.get_by_text("Webhooks belong to an account")).to_be_visible()
    sign_up(page, "troubled@example.org")
    page.get_by_label("Some statuses").check()
    page.get_by_label("URL").fill(receiver.url)
    page.get_by_role("button", name="Create webhook").click()
    page.get_by_role("button", name="I have stored it").click()
    card = page.locator(".webhook")
    expect(card).to_contain_text("Only confirmed and failed")

    receiver.status = 500
    place(page, live_server)
    card.locator("summary").click()
    expect(card.locator("tbody tr [data-label=Answer]")).to_have_text("The receiver answered 500.")
    expect(card.locator(".webhook-trouble")).to_contain_text("failed. The receiver answered 500.")
    card.get_by_role("button", name="Pause").click()
    expect(card.locator(".status-chip").first).to_have_text("Paused")
    receiver.status = 204
    card.get_by_role("button", name="Resume").click()
    expect(card.locator("tbody .status-chip")).to_have_text("Delivered")
    expect(card.locator(".webhook-trouble")).to_be_hidden()

    card.get_by_role("button", name="New secret").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    new = str(page.locator("#secret").text_content())
    headers, body = after_test(page, receiver)
    Webhook(new).verify(body, headers)
    page.get_by_role("button", name="I have stored it").click()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    card.get_by_role("button", name="Delete").click()
    page.locator("#delete-confirm").click()
    expect(page.get_by_text("No webhooks yet")).to_be_visible()


def after_test(page: Page, receiver: Receiver) -> tuple[dict[str, str], bytes]:
    """What a test message brings."""
    before = len(receiver.received)
    page.get_by_role("button", name="Send a test").click()
    wait_until(lambda: len(receiver.received) > before, "the test message")
    return receiver.received[-1]


def test_page_is_accessible_and_fits(
    live_server: str, open_page: OpenPage, receiver: Receiver
) -> None:
    page = open_page(f"{live_server}/webhooks", reduced_motion="reduce", bypass_csp=True)
    expect(page.locator("#webhooks-closed")).to_be_visible()
    check_access(page)
    sign_up(page, "hooks@example.org")
    expect(page.locator("#webhooks-none")).to_be_visible()
    page.get_by_label("Some statuses").check()
    check_access(page)
    page.get_by_label("All", exact=True).check()
    page.get_by_label("URL").fill(receiver.url + "/" + "a-long-path-" * 12)
    receiver.status = 503
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#secret")).to_be_visible()
    place(page, live_server)
    page.locator(".webhook summary").click()
    expect(page.locator(".webhook-trouble")).to_be_visible()
    expect(page.locator(".webhook tbody tr")).not_to_have_count(0)
    check_access(page)
    wait_until_it_fits(page)
    page.get_by_role("button", name="Delete").first.click()
    check_access(page)


def check_access(page: Page) -> None:
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations_in_both_themes(page) == []
