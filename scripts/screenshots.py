"""Take the pictures in docs/images: the pages as users see them, on a fresh system with real
orders.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from orders.config import Settings
from orders.local.postgres import start_postgres
from orders.local.valkey import start_valkey
from tests.browser.chromium import launch_options
from tests.stack import Stack, environment, free_port

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
WIDE, TABLET, PHONE = 1440, 768, 360
SECRET = "only for the pictures, never for users"
CHART = "document.querySelector('#chart canvas') && !document.querySelector('.chart-message')"


def main() -> int:
    """Take all pictures; returns 0."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_system() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        take_all(browser, url)
        browser.close()
    print(f"Pictures are in {IMAGES.relative_to(ROOT)}")
    return 0


@contextmanager
def running_system() -> Iterator[str]:
    """Run a fresh system with a slightly more adverse market; yields its base URL."""
    # Root's umask would make the directory unreadable for the user that runs PostgreSQL.
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="orders-") as directory:
        Path(directory).chmod(0o755)
        postgres = start_postgres(Path(directory), durable=False)
        valkey = start_valkey(Path(directory))
        settings = Settings(
            secret_key=SECRET,
            database_url=postgres.url,
            redis_url=valkey.url,
            port=free_port(),
            slippage_failure_rate=0.2,
            rate_limit="off",
        )
        stack = Stack(settings, Path(directory))
        try:
            subprocess.run(
                [sys.executable, "tasks.py", "migrate"],
                cwd=ROOT,
                env=environment(settings),
                check=True,
            )
            yield stack.start(workers=1).url
        finally:
            stack.stop()
            valkey.stop()
            postgres.stop()


def take_all(browser: Browser, url: str) -> None:
    for amount in ("12", "3.5", "0.75", "40", "8", "2.25", "15", "6"):
        place(url, amountIn=amount)
    last = place(url, amountIn="2.5")
    place(url, type="limit", amountIn="20", limitPrice=near(url, "1.04"))
    place(url, type="stop", amountIn="10", stopPrice=near(url, "0.96"))
    time.sleep(14)
    for name, width, theme in (
        ("trade-light", WIDE, "light"),
        ("trade-dark", WIDE, "dark"),
        ("trade-tablet", TABLET, "light"),
        ("trade-phone", PHONE, "dark"),
    ):
        page = open_page(browser, f"{url}/", width, theme)
        page.fill("#amount-in", "1.5")
        page.wait_for_function(CHART)
        page.wait_for_selector(".quote-tile[data-best=true]")
        page.wait_for_timeout(4500)
        place(url, amountIn="4.2")
        page.wait_for_timeout(1500)
        take(page, name)
    for name, path, width, theme in (
        ("order-light", f"/orders/{last}", WIDE, "light"),
        ("order-phone", f"/orders/{last}", PHONE, "light"),
        ("history-dark", "/?view=history", WIDE, "dark"),
    ):
        page = open_page(browser, f"{url}{path}", width, theme)
        page.wait_for_timeout(2500)
        take(page, name)
    take_portfolio(browser, url)
    take_operations(browser, url)


def take_portfolio(browser: Browser, url: str) -> None:
    """Picture the portfolio of an account that has traded a little."""
    page = open_page(browser, f"{url}/portfolio", WIDE, "light")
    page.wait_for_selector("#live-badge[data-state=connected]")
    page.click("#account-button")
    page.click("#account-switch")
    page.fill("#account-email", "trader@example.org")
    page.fill("#account-password", secrets.token_urlsafe())
    page.click("#account-submit")
    page.wait_for_selector("#balance-rows data")
    session = page.evaluate("JSON.parse(localStorage.getItem('orders.session'))")
    for amount in ("12", "3.5", "40"):
        place(url, session["token"], amountIn=amount)
    place(url, session["token"], type="limit", amountIn="20", limitPrice=near(url, "1.04"))
    page.check("#equity-interval input[value='5s']", force=True)
    page.wait_for_timeout(60_000)
    take(page, "portfolio-light")


def take_operations(browser: Browser, url: str) -> None:
    """Picture the queue at work, once its lines have had time to form."""
    page = open_page(browser, f"{url}/operations", WIDE, "dark")
    place(url, amountIn="900000000")
    for burst in (30, 5, 45, 0, 12):
        for _ in range(burst):
            place(url, amountIn="1")
        page.wait_for_timeout(7000)
    take(page, "operations-dark")


def place(url: str, token: str = "", **fields: str) -> str:
    order = {"tokenIn": "SOL", "tokenOut": "USDC"} | fields
    if order.get("type", "market") != "market":
        order["expiresAt"] = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(f"{url}/api/orders/execute", json=order, headers=headers, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["orderId"])


def near(url: str, factor: str) -> str:
    """A price at that distance from the market's."""
    asked = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1"}
    quotes = requests.get(f"{url}/api/quotes", params=asked, timeout=10).json()
    return f"{quotes['best']['price'] * float(factor):.2f}"


def open_page(browser: Browser, url: str, width: int, theme: str) -> Page:
    size: ViewportSize = {"width": width, "height": 780 if width == PHONE else 980}
    context = browser.new_context(
        viewport=size,
        color_scheme="dark" if theme == "dark" else "light",
        device_scale_factor=2 if width == PHONE else 1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    return page


def take(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
