"""Live updates: how soon a watcher has one, alone or among thousands, on both transports.

The engine itself makes the updates, in this process: attempts at an order that always fail with
slippage, so that one order gives as many updates as are needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from statistics import median
from typing import Any
from uuid import UUID

from redis import Redis

from bench.children import ManagedProcess
from bench.context import Bench
from bench.figures import Limit, percentile
from bench.in_process import engine
from bench.memory import held_mib
from bench.posting import post
from bench.published import Published
from bench.scale import most_watchers
from bench.stack import Stack, opened
from orders.config import Settings
from orders.wiring import Components

SECTION = "live updates"
TRANSPORTS = {"socketio": "Socket.IO", "websocket": "WebSocket"}
UPDATES = 4
"""Of one attempt that fails after it landed: routing, building, submitted, pending."""
PAUSE_S = 0.02
"""Between two orders, so that each update meets an idle system."""
PROBES = 200


def measure(bench: Bench) -> None:
    """Connects watchers of both kinds, in growing numbers; times what reaches them."""
    for wanted in bench.scale.watchers:
        count = _allowed(bench, wanted)
        for transport in TRANSPORTS:
            label = f"{count:,} {TRANSPORTS[transport]}"
            with bench.machine.stack() as stack:
                _own_orders(bench, stack.start(), transport, label, count)
            # Another web process: the first is still busy with saying goodbye.
            with bench.machine.stack() as stack:
                _one_order(bench, stack.start(), transport, label, count)


def _allowed(bench: Bench, wanted: int) -> int:
    most = most_watchers()
    if wanted > most:
        bench.figures.note(
            f"This machine lets a process open {most:,} sockets: {wanted:,} watchers were capped."
        )
    return min(wanted, most)


def _own_orders(bench: Bench, stack: Stack, transport: str, label: str, count: int) -> None:
    """Every watcher has an order of its own."""
    post(stack, 16, count)
    own = _order_ids(stack.settings)
    with (
        engine(_failing(stack)) as components,
        _watchers(stack, transport, own) as (child, connect_s),
    ):
        bench.add(SECTION, f"{label}, all connected and joined", "s", connect_s)
        _, pss_mib = held_mib([stack.pid("web 1")])
        bench.add(SECTION, f"{label}, PSS of the web process", "MiB", pss_mib)
        for run in range(bench.scale.runs):
            some = _share(own, run, bench.scale.updated_orders)
            _updates_of_own_orders(bench, components, child, label, some)


def _one_order(bench: Bench, stack: Stack, transport: str, label: str, count: int) -> None:
    """All watch the same order."""
    post(stack, 1, 1)
    (shared,) = _order_ids(stack.settings)
    watching = _watchers(stack, transport, [shared] * count)
    with engine(_failing(stack)) as components, watching as (child, _):
        for _ in range(bench.scale.runs):
            _fan_out(bench, components, child, label, shared, count)


def _failing(stack: Stack) -> Settings:
    """Every attempt fails after it landed, and is tried again."""
    return replace(stack.settings, slippage_failure_rate=1.0, max_retries=20)


def _updates_of_own_orders(
    bench: Bench,
    components: Components,
    child: ManagedProcess,
    label: str,
    order_ids: Sequence[str],
) -> None:
    """Some of the orders are updated, one by one."""
    receipts = _receipts(components, child, order_ids, 1)
    latencies_ms = [latency for latencies in receipts.values() for latency in latencies]
    limit = Limit(single=_bare_latency_ms(components.settings))
    bench.add(SECTION, f"{label}, one update, median", "ms", median(latencies_ms), limit)
    bench.add(SECTION, f"{label}, one update, p99", "ms", percentile(latencies_ms, 0.99))


def _fan_out(
    bench: Bench,
    components: Components,
    child: ManagedProcess,
    label: str,
    order_id: str,
    count: int,
) -> None:
    """One attempt: each update goes to all."""
    receipts = _receipts(components, child, [order_id], count)
    last_ms = [max(latencies) for latencies in receipts.values()]
    middle_ms = [median(latencies) for latencies in receipts.values()]
    bench.add(SECTION, f"{label} on one order, median watcher", "ms", median(middle_ms))
    bench.add(SECTION, f"{label} on one order, last watcher", "ms", median(last_ms))


def _receipts(
    components: Components, child: ManagedProcess, order_ids: Sequence[str], watchers_each: int
) -> dict[tuple[str, int], list[float]]:
    """Milliseconds from publishing to each receipt, by order and sequence."""
    events = UPDATES * len(order_ids)
    with Published(components.settings.redis_url) as published:
        for order_id in order_ids:
            components.engine.execute(UUID(order_id))
            time.sleep(PAUSE_S)
        received = child.ask({"updates": events * watchers_each})
        sent = published.take(events)
    arrived = sum(len(times) for _, _, times in received)
    assert arrived == events * watchers_each, f"{arrived} of {events * watchers_each} arrived"
    return {
        (order_id, sequence): [(moment - sent[order_id, sequence]) * 1000 for moment in times]
        for order_id, sequence, times in received
    }


def _share(order_ids: Sequence[str], run: int, size: int) -> list[str]:
    """Other orders in each run, for as long as there are others."""
    start = run * size % max(len(order_ids) - size + 1, 1)
    return list(order_ids[start : start + size])


@contextmanager
def _watchers(
    stack: Stack, transport: str, order_ids: Sequence[str]
) -> Iterator[tuple[ManagedProcess, float]]:
    child = ManagedProcess("bench.watchers", {"port": stack.ports[0], "transport": transport})
    try:
        child.read()
        connect_s = child.ask(list(order_ids))["connect_s"]
        yield child, connect_s
    finally:
        child.close()


def _order_ids(settings: Settings) -> list[str]:
    with opened(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id::text FROM orders ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _bare_latency_ms(settings: Settings) -> float:
    """From publishing to having read it from a subscription: Redis alone, median."""
    client: Any = Redis.from_url(settings.redis_url)
    with client, client.pubsub() as subscription:
        subscription.subscribe("bare.channel")
        subscription.get_message(timeout=1)
        taken = []
        for _ in range(PROBES):
            started = time.perf_counter()
            client.publish("bare.channel", b"x" * 500)
            subscription.get_message(timeout=1)
            taken.append((time.perf_counter() - started) * 1000)
    return median(taken)
