"""End to end: the time from the first submit to the last terminal status."""

from __future__ import annotations

import time
from dataclasses import replace

import psutil
from psycopg2.extensions import connection as Connection

from bench.bare import bare_rate
from bench.context import Bench
from bench.figures import MIB, Limit
from bench.posting import post
from bench.stack import DELAYS, NO_DELAYS, Stack, opened
from orders.config import Settings

SECTION = "end to end"
CONNECTIONS = 16
WARM_UP = 100
LOOK_S = 0.01
ROUNDS = 10
"""Orders of a run with delays, per order that may be in flight."""
PATIENCE_S = 600
CORES_OF_THE_LIMIT = 2
ENDED = "SELECT coalesce(sum(total), 0)::bigint FROM order_counters"


class NeverEnded(Exception):
    """Orders were accepted, but did not reach a terminal status."""


def measure(bench: Bench) -> None:
    """Measures orders/s with and without the default delays, by orders in flight in one worker."""
    for in_flight in bench.scale.in_flight:
        with bench.machine.stack(replace(NO_DELAYS, worker_concurrency=in_flight)) as stack:
            stack.start()
            execute(stack, min(WARM_UP, bench.scale.orders))
            for _ in range(bench.scale.runs):
                _without_delays(bench, stack)
    for in_flight in bench.scale.delayed_in_flight:
        with bench.machine.stack(replace(DELAYS, worker_concurrency=in_flight)) as stack:
            stack.start()
            for _ in range(bench.scale.runs):
                _with_delays(bench, stack)


def execute(stack: Stack, orders: int) -> float:
    """Places that many orders; returns the seconds until the last one has ended."""
    with opened(stack.settings.database_url) as connection:
        before = _ended(connection)
        placed = post(stack, min(CONNECTIONS, orders), orders)
        give_up_at = time.monotonic() + PATIENCE_S
        while _ended(connection) < before + orders:
            if time.monotonic() > give_up_at:
                raise NeverEnded(f"{before + orders - _ended(connection)} orders did not end")
            time.sleep(LOOK_S)
        return float(time.time() - placed["started"])


def _ended(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ENDED)
        (total,) = cursor.fetchone() or (0,)
    return int(total)


def _without_delays(bench: Bench, stack: Stack) -> None:
    orders, in_flight = bench.scale.orders, stack.settings.worker_concurrency
    rate = orders / execute(stack, orders)
    with bench.machine.database() as bare:
        limit = bare_rate(
            bare, "life", orders, processes=CORES_OF_THE_LIMIT, in_flight=2 * in_flight
        )
    bench.add(SECTION, f"no delays, {in_flight:,} in flight", "/s", rate, limit)


def _with_delays(bench: Bench, stack: Stack) -> None:
    in_flight = stack.settings.worker_concurrency
    orders = ROUNDS * in_flight
    cpu_before_s = _cpu_s(stack)
    rate = orders / execute(stack, orders)
    cpu_ms = (_cpu_s(stack) - cpu_before_s) * 1000 / orders
    label = f"default delays, {in_flight:,} in flight"
    bench.add(SECTION, label, "/s", rate, Limit(grouped=_ceiling(stack.settings)))
    bench.add(SECTION, f"{label}, CPU of own processes an order", "ms", cpu_ms)
    rss = psutil.Process(stack.pids()["worker"]).memory_info().rss
    bench.add(SECTION, f"{label}, RSS of the worker", "MiB", rss / MIB)


def _cpu_s(stack: Stack) -> float:
    """Processor seconds that the supervisor, web, worker and watcher have used."""
    times = [psutil.Process(pid).cpu_times() for pid in stack.pids().values()]
    return sum(time.user + time.system for time in times)


def _ceiling(settings: Settings) -> float:
    """Orders/s if only the simulated delays took time and no attempt failed."""
    swap_ms = sum(settings.swap_latency_range_ms) / 2
    waiting_s = (settings.quote_latency_ms + swap_ms) / 1000
    return settings.worker_concurrency / waiting_s
