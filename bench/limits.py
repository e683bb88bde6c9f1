"""What the bare machine does with a job, measured beside the engine's own figure."""

from __future__ import annotations

from typing import Any

from bench.children import run_together
from bench.figures import Limit, percentile
from orders.config import Settings

MODULE = "bench.bare"


def bare_rate(
    settings: Settings, job: str, orders: int, *, processes: int, in_flight: int
) -> Limit:
    """Orders/s of `processes` that together have `in_flight` orders at a time.

    Grouped, the orders of a process share their commits; one at a time, each has a connection.
    """
    each = max(in_flight // processes, 1)
    total = max(orders // processes, each)
    grouped = _run(settings, job, total, processes, batch=each, threads=1)
    single = _run(settings, job, total, processes, batch=1, threads=each)
    return Limit(grouped=_rate(grouped, total), single=_rate(single, total // each * each))


def bare_latency(settings: Settings, job: str, orders: int, share: float = 0.5) -> Limit:
    """Milliseconds that one order takes alone: the percentile `share` of all."""
    (result,) = _run(settings, job, orders, 1, batch=1, threads=1)
    return Limit(single=percentile(result["latencies_ms"], share))


def _run(
    settings: Settings, job: str, orders: int, processes: int, batch: int, threads: int
) -> list[dict[str, Any]]:
    plan = {
        "job": job,
        "database_url": settings.database_url,
        "redis_url": settings.redis_url,
        "batch": batch,
        "threads": threads,
        "orders": orders,
    }
    return run_together(MODULE, [plan] * processes)


def _rate(results: list[dict[str, Any]], orders_each: int) -> float:
    began = min(result["started"] for result in results)
    ended = max(result["ended"] for result in results)
    return float(orders_each * len(results) / (ended - began))
