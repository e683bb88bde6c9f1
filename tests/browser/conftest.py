"""A real browser on real processes: web, worker, watcher."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from orders.config import Settings
from orders.local.postgres import LocalPostgres
from orders.local.valkey import LocalValkey
from tests.browser.chromium import launch_options
from tests.conftest import FAST, _execute, database_url
from tests.stack import Stack, free_port

OpenPage = Callable[..., Page]
Place = Callable[..., str]

expect.set_options(timeout=15_000)
"""Milliseconds. Long, because other tests keep the machine busy; only failing tests wait so long.
"""

GPU = ("--use-gl", "--use-angle", "--enable-unsafe-swiftshader", "--in-process-gpu", "--ignore-gpu")
EXPECTED_NOISE = ("net::ERR_", "status of 4", "status of 5", "WebSocket", "preloaded")
"""Messages of Chromium itself about requests that fail on purpose."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this folder; each page has a context of its own.

    Not for the whole run: Playwright keeps an event loop in this thread, in which no other may run.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**without_gpu(launch_options()))
        yield chromium
        chromium.close()


def without_gpu(options: dict[str, Any]) -> dict[str, Any]:
    """Software drawing: an emulated GPU would take processor time from the server under test."""
    args = [arg for arg in options["args"] if not arg.startswith(GPU)]
    return options | {"args": [*args, "--disable-gpu"]}


@pytest.fixture(scope="session")
def live_server(
    postgres: LocalPostgres,
    valkey: LocalValkey,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Base URL of the whole system, without simulated delays."""
    name = f"browser_{uuid4().hex}"
    _execute(postgres.url, f"CREATE DATABASE {name} TEMPLATE {template_database}")
    settings = replace(
        FAST,
        database_url=database_url(postgres.url, name),
        redis_url=f"{valkey.url}?db=1",
        port=free_port(),
    )
    stack = Stack(settings, tmp_path_factory.mktemp("browser"))
    try:
        yield stack.start().url
    finally:
        stack.stop()


@pytest.fixture
def slow_server(settings: Settings, tmp_path: Path) -> Iterator[Stack]:
    """A system of this test's own, slow enough to be observed during an order."""
    slow = replace(settings, port=free_port(), swap_latency_ms="2500", worker_concurrency=100)
    stack = Stack(slow, tmp_path)
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.fixture
def retrying_server(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A system of this test's own, which waits long enough before a retry to be observed."""
    stack = Stack(replace(settings, port=free_port(), retry_delay_s=6), tmp_path)
    try:
        yield stack.start().url
    finally:
        stack.stop()


@pytest.fixture
def guarded_server(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A system of this test's own that requires an account."""
    stack = Stack(replace(settings, port=free_port(), require_auth=True), tmp_path)
    try:
        yield stack.start().url
    finally:
        stack.stop()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages in contexts of their own; fails if a script failed in any of them."""
    contexts = []
    failures: list[str] = []

    def note(text: str) -> None:
        if not any(noise in text for noise in EXPECTED_NOISE):
            failures.append(text)

    def open_one(url: str, **options: Any) -> Page:
        width = options.pop("width", 1280)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: note(line.text) if line.type == "error" else None)
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def place(live_server: str) -> Place:
    """Places an anonymous order over HTTP; returns its id."""

    def place_one(**fields: Any) -> str:
        order = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1"} | fields
        answer = requests.post(f"{live_server}/api/orders/execute", json=order, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["orderId"])

    return place_one
