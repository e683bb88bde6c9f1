"""Live updates: how soon a watcher has one, alone or among thousands, on both transports.

An update's time of publishing is the moment at which Redis took it, by Redis' own account: MONITOR
reports every command with its time, in microseconds of this machine's clock, which is also the
clock of the watchers.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from statistics import median
from types import TracebackType
from typing import Any

from redis import Redis, RedisError

from bench.children import ManagedProcess
from bench.context import Bench, most_watchers
from bench.figures import Limit, percentile
from bench.load import MARKET_ORDER, HttpConnection, request_bytes
from bench.memory import held_mib
from bench.posting import post
from bench.stack import DELAYS, Stack, opened
from orders.config import Settings

SECTION = "live updates"
TRANSPORTS = {"socketio": "Socket.IO", "websocket": "WebSocket"}
RESTING_ORDER = {**MARKET_ORDER, "type": "limit", "limitPrice": 1_000_000}
FAILING = replace(
    DELAYS, slippage_failure_rate=1.0, max_retries=20, retry_delay_s=3, retry_backoff=1
)
"""Every attempt lands, fails and is retried, so that one order gives many updates."""
UPDATES = 4
"""Updates of one failing attempt: routing, building, submitted, pending."""
CANCEL_EVERY_S = 1 / 80
PROBES = 200
EVENT = re.compile(r"orderId\W+([0-9a-f-]{36})\W+sequence\W+(\d+)")
PATIENCE_S = 30

Key = tuple[str, int]
"""An event: order id and sequence."""


def measure(bench: Bench) -> None:
    """Connects ever more watchers of both kinds, and times the updates that reach them."""
    for wanted in bench.scale.watchers:
        count = _allowed(bench, wanted)
        for transport in TRANSPORTS:
            label = f"{count:,} {TRANSPORTS[transport]}"
            with bench.machine.stack() as stack:
                _own_orders(bench, stack.start(), transport, label, count)
            with bench.machine.stack(FAILING) as stack:
                _one_order(bench, stack.start(), transport, label, count)


def _allowed(bench: Bench, wanted: int) -> int:
    most = most_watchers()
    if wanted > most:
        bench.figures.note(
            f"This machine lets a process open {most:,} sockets: {wanted:,} watchers were capped."
        )
    return min(wanted, most)


def _own_orders(bench: Bench, stack: Stack, transport: str, label: str, count: int) -> None:
    """Gives every watcher a resting order of its own; each run cancels some of them."""
    post(stack, 16, count, RESTING_ORDER)
    own = _order_ids(stack.settings)
    each = min(bench.scale.updated_orders, count // bench.scale.runs)
    with _watchers(stack, transport, own) as (child, connect_s):
        bench.add(SECTION, f"{label}, all connected and joined", "s", connect_s)
        _, pss_mib = held_mib([stack.pids()["web"]])
        bench.add(SECTION, f"{label}, PSS of the web process", "MiB", pss_mib)
        for run in range(bench.scale.runs):
            _cancel(bench, stack, child, label, own[run * each : (run + 1) * each])


def _cancel(
    bench: Bench, stack: Stack, child: ManagedProcess, label: str, order_ids: Sequence[str]
) -> None:
    http = HttpConnection(stack.port)
    with Published(stack.settings.redis_url) as published:
        for order_id in order_ids:
            status, body = http.call(request_bytes("DELETE", f"/api/orders/{order_id}"))
            assert status == 200, body
            time.sleep(CANCEL_EVERY_S)
        received = _receipts(child, len(order_ids))
        sent = published.take(len(order_ids))
    http.close()
    assert received.keys() == sent.keys(), f"{len(received)} of {len(sent)} updates arrived"
    latencies_ms = [(times[0] - sent[key]) * 1000 for key, times in received.items()]
    limit = Limit(single=_bare_latency_ms(stack.settings))
    bench.add(SECTION, f"{label}, one update, median", "ms", median(latencies_ms), limit)
    bench.add(SECTION, f"{label}, one update, p99", "ms", percentile(latencies_ms, 0.99))


def _one_order(bench: Bench, stack: Stack, transport: str, label: str, count: int) -> None:
    """Lets all watch the same order, of which the worker makes one attempt after another."""
    post(stack, 1, 1)
    (shared,) = _order_ids(stack.settings)
    watching = _watchers(stack, transport, [shared] * count)
    with watching as (child, _), Published(stack.settings.redis_url) as published:
        for _ in range(bench.scale.runs):
            _fan_out(bench, child, published, label, count)


def _fan_out(
    bench: Bench, child: ManagedProcess, published: Published, label: str, count: int
) -> None:
    """Times the next updates, each sent to every watcher."""
    _receipts(child, 0)  # Updates of the run before are forgotten.
    received = _receipts(child, UPDATES * count)
    sent = published.take(UPDATES)
    latencies_ms = [
        [(moment - sent[key]) * 1000 for moment in times]
        for key, times in received.items()
        if key in sent and len(times) == count
    ]
    assert latencies_ms, f"no update of {len(received)} reached all of {count} watchers"
    last_ms = [max(latencies) for latencies in latencies_ms]
    middle_ms = [median(latencies) for latencies in latencies_ms]
    bench.add(SECTION, f"{label} on one order, median watcher", "ms", median(middle_ms))
    bench.add(SECTION, f"{label} on one order, last watcher", "ms", median(last_ms))


def _receipts(child: ManagedProcess, updates: int) -> dict[Key, list[float]]:
    """The times of receipt, once so many updates have arrived over all connections together."""
    return {(id_, number): times for id_, number, times in child.ask({"updates": updates})}


@contextmanager
def _watchers(
    stack: Stack, transport: str, order_ids: Sequence[str]
) -> Iterator[tuple[ManagedProcess, float]]:
    child = ManagedProcess("bench.watchers", {"port": stack.port, "transport": transport})
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
    """Median time from publishing to reading from a subscription, with Redis alone."""
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


class Published:
    """Records the time at which each event is published, while it is open."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Any = Redis.from_url(redis_url)
        self._times: dict[Key, float] = {}
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Published:
        self._thread.start()
        self._listening.wait(PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._monitor.connection.disconnect()
        self._thread.join(PATIENCE_S)

    def take(self, events: int) -> dict[Key, float]:
        """Waits until that many events were published; returns and forgets them."""
        give_up_at = time.monotonic() + PATIENCE_S
        while len(self._times) < events and time.monotonic() < give_up_at:
            time.sleep(0.01)
        taken, self._times = self._times, {}
        return taken

    def _listen(self) -> None:
        with self._redis.monitor() as self._monitor:
            self._listening.set()
            try:
                for command in self._monitor.listen():
                    for order_id, sequence in EVENT.findall(command["command"]):
                        self._times[order_id, int(sequence)] = command["time"]
            except (RedisError, OSError, ValueError, AttributeError):
                return  # The connection was closed.
