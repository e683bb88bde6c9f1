"""Latency on an idle system: one order at a time, no simulated delays."""

from __future__ import annotations

import json
import time

from bench.bare import bare_latency
from bench.context import Bench
from bench.figures import percentile
from bench.load import MARKET_ORDER, PATH, HttpConnection, request_bytes
from bench.stack import NO_DELAYS, Stack
from bench.watchers import ListFeedClient

SECTION = "idle overhead"
WARM_UP = 20
REQUEST = request_bytes("POST", PATH, MARKET_ORDER)


def measure(bench: Bench) -> None:
    """Milliseconds from sending the POST to receiving `confirmed` over Socket.IO.

    The bare figure is one order's life, each statement in a commit of its own, with no subscriber.
    """
    with bench.machine.stack(NO_DELAYS) as stack:
        stack.start()
        follow(stack, min(WARM_UP, bench.scale.idle_orders))
        for _ in range(bench.scale.runs):
            orders = bench.scale.idle_orders
            placed_ms, confirmed_ms = follow(stack, orders)
            with bench.machine.database() as bare:
                limit = bare_latency(bare, "life", orders)
            bench.add(SECTION, "POST to 202, median", "ms", percentile(placed_ms, 0.5))
            bench.add(
                SECTION, "POST to confirmed, median", "ms", percentile(confirmed_ms, 0.5), limit
            )
            bench.add(SECTION, "POST to confirmed, p99", "ms", percentile(confirmed_ms, 0.99))


def follow(stack: Stack, orders: int) -> tuple[list[float], list[float]]:
    """Places orders one after another; returns the waits for the answer and for `confirmed`."""
    http = HttpConnection(stack.port)
    feed = ListFeedClient(stack.port)
    placed_ms, confirmed_ms = [], []
    for _ in range(orders):
        started = time.perf_counter()
        _, body = http.call(REQUEST)
        placed_ms.append((time.perf_counter() - started) * 1000)
        _wait_until_confirmed(feed, json.loads(body)["orderId"])
        confirmed_ms.append((time.perf_counter() - started) * 1000)
    http.close()
    feed.close()
    return placed_ms, confirmed_ms


def _wait_until_confirmed(feed: ListFeedClient, order_id: str) -> None:
    while True:
        event = feed.next_event()
        if order_id.encode() in event and b'"status":"confirmed"' in event:
            return
