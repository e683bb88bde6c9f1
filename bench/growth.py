"""Cost as past orders pile up: lists and single orders must take as long as before."""

from __future__ import annotations

import time
from uuid import UUID

from app import create_app
from bench.context import Bench
from bench.figures import percentile
from bench.idle import follow
from bench.load import HttpConnection, request_bytes
from bench.past_orders import add_ended, settle
from bench.plans import explaining, full_scans, journal_plans, taken
from bench.stack import NO_DELAYS, Stack, opened
from orders.api.orders import write_cursor
from orders.config import Settings
from orders.domain.identifiers import first_uuid7

SECTION = "growth"
A_PAGE = 200
"""Orders present at the start, so that every list fills a page from the first sample on."""
NOT_SCANNED_BELOW = 10_000
"""Rows below which PostgreSQL rightly reads a table from end to end."""


def measure(bench: Bench) -> None:
    """Times each request at a few sizes of the table, and keeps the query plans at the largest."""
    with bench.machine.stack(NO_DELAYS) as stack:
        stack.start()
        present = 0
        for rows in sizes(bench.scale.rows):
            _fill(bench, stack.settings, present, rows)
            present = rows
            for _ in range(bench.scale.runs):
                _measure_reading(bench, stack, rows)
                _measure_orders(bench, stack, rows)
        # A worker would take the order whose plans are recorded.
        stack.stop()
        _check_plans(bench, stack.settings, present)


def sizes(rows: int) -> list[int]:
    """The sizes to measure at: from one page of orders to `rows`."""
    return sorted({min(size, rows) for size in (A_PAGE, rows // 10, rows)})


def _fill(bench: Bench, settings: Settings, present: int, rows: int) -> None:
    with opened(settings.database_url) as filling:
        for done in add_ended(filling, present + 1, rows):
            bench.say(f"{SECTION}: {done:,} orders stored")
        settle(filling)


def _measure_reading(bench: Bench, stack: Stack, rows: int) -> None:
    http = HttpConnection(stack.port)
    for name, path in _reads(_middle(stack.settings)).items():
        request = request_bytes("GET", path)
        taken_ms = []
        for _ in range(bench.scale.calls):
            started = time.perf_counter()
            status, body = http.call(request)
            taken_ms.append((time.perf_counter() - started) * 1000)
            assert status < 300, body
        bench.add(SECTION, f"{name}, {rows:,} orders", "ms", percentile(taken_ms, 0.5))
    http.close()


def _measure_orders(bench: Bench, stack: Stack, rows: int) -> None:
    """Places orders one after another and waits until each is confirmed."""
    placing_ms, confirmed_ms = follow(stack, bench.scale.calls)
    bench.add(SECTION, f"POST, {rows:,} orders", "ms", percentile(placing_ms, 0.5))
    name = f"POST to confirmed, {rows:,} orders"
    bench.add(SECTION, name, "ms", percentile(confirmed_ms, 0.5))


def _reads(middle: UUID) -> dict[str, str]:
    """The requests to time; `middle` is an order with as many orders before it as after it."""
    return {
        "list, newest 50": "/api/orders",
        "list, failed only": "/api/orders?status=failed",
        "list, from the middle on": f"/api/orders?cursor={write_cursor(middle)}",
        "record of an order": f"/api/orders/{middle}",
        "history of an order": f"/api/orders/{middle}/history",
        "queue metrics": "/api/queue/metrics",
    }


def _middle(settings: Settings) -> UUID:
    """The order in the middle of the period that the table covers."""
    with opened(settings.database_url) as reading, reading.cursor() as cursor:
        cursor.execute(
            "SELECT min(created_at) + (max(created_at) - min(created_at)) / 2 FROM orders"
        )
        (moment,) = cursor.fetchone() or (None,)
        cursor.execute(
            "SELECT id::text FROM orders WHERE id <= %s ORDER BY id DESC LIMIT 1",
            (str(first_uuid7(moment)),),
        )
        (found,) = cursor.fetchone() or (None,)
    return UUID(found)


def _check_plans(bench: Bench, settings: Settings, rows: int) -> None:
    plans = journal_plans(settings)
    with explaining(settings) as components:
        client = create_app(components.settings, components).test_client()
        for name, path in _reads(_middle(settings)).items():
            taken()
            assert client.get(path).status_code == 200
            plans[name] = taken()
    for name, found in plans.items():
        bench.figures.plans[f"{name}, {rows:,} orders"] = "\n\n".join(found)
        for scan in full_scans("\n".join(found)):
            if rows >= NOT_SCANNED_BELOW:
                bench.figures.note(f"{name} reads all of a table or index: {scan}")
