"""End to end: from the first submit to the last terminal status."""

from __future__ import annotations

import time

from psycopg2.extensions import connection as Connection

from bench.context import Bench
from bench.figures import Limit
from bench.limits import bare_rate
from bench.posting import post
from bench.stack import DELAYS, NO_DELAYS, Stack, opened
from orders.config import Settings

SECTION = "end to end"
CONNECTIONS = 16
WARM_UP = 100
LOOK_S = 0.01
PATIENCE_S = 600
CORES_OF_THE_LIMIT = 2
ENDED = "SELECT coalesce(sum(total), 0)::bigint FROM order_counters"


class NeverEnded(Exception):
    """Orders were accepted, but did not reach a terminal status."""


def measure(bench: Bench) -> None:
    """Orders/s without and with the default delays, with one and two worker processes."""
    for workers in bench.scale.workers:
        with bench.machine.stack(NO_DELAYS) as stack:
            stack.start(workers=workers, watchers=1)
            execute(stack, min(WARM_UP, bench.scale.orders))
            for _ in range(bench.scale.runs):
                _without_delays(bench, stack, workers)
        if bench.scale.delayed_orders:
            _with_delays(bench, workers)


def execute(stack: Stack, orders: int) -> float:
    """Places that many orders and returns the seconds until the last one has ended."""
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


def _without_delays(bench: Bench, stack: Stack, workers: int) -> None:
    orders = bench.scale.orders
    rate = orders / execute(stack, orders)
    with bench.machine.database() as bare:
        limit = bare_rate(
            bare,
            "life",
            orders,
            processes=CORES_OF_THE_LIMIT,
            in_flight=CORES_OF_THE_LIMIT * stack.settings.worker_concurrency,
        )
    bench.add(SECTION, f"no delays, {_counted(workers)}", "/s", rate, limit)


def _with_delays(bench: Bench, workers: int) -> None:
    orders = bench.scale.delayed_orders * workers
    with bench.machine.stack(DELAYS) as stack:
        stack.start(workers=workers, watchers=1)
        for _ in range(bench.scale.runs):
            rate = orders / execute(stack, orders)
            ceiling = Limit(grouped=_ceiling(stack.settings, workers))
            bench.add(SECTION, f"default delays, {_counted(workers)}", "/s", rate, ceiling)


def _ceiling(settings: Settings, workers: int) -> float:
    """Orders/s if everything but the simulated waiting took no time and no attempt failed."""
    swap_ms = sum(settings.swap_latency_range_ms) / 2
    waiting_s = (settings.quote_latency_ms + swap_ms) / 1000
    return workers * settings.worker_concurrency / waiting_s


def _counted(workers: int) -> str:
    return f"{workers} worker{'s' * (workers > 1)}"
