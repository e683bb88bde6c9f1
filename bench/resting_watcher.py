"""What the watcher process does with resting orders, in a process of its own.

A child process: plan `{database_url, redis_url, jump, looks}`. Looks at the market while nothing
triggers, then lets SOL's price jump and looks again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psutil

from bench.children import hand_back, read_plan, wait_for_start
from bench.figures import percentile
from bench.in_process import engine
from bench.memory import MIB
from bench.stack import NO_DELAYS, opened
from orders.market.tokens import SOL
from orders.wiring import Components
from tests.market import ScriptedMarket

QUEUED = """
SELECT extract(epoch FROM at)::float8 FROM order_events WHERE status = 'pending' AND at >= %s
"""


def main() -> None:
    """Runs as a child process."""
    plan = read_plan()
    settings = replace(NO_DELAYS, database_url=plan["database_url"], redis_url=plan["redis_url"])
    with engine(settings, ScriptedMarket) as components:
        wait_for_start()
        price = components.market.price_usd(SOL)
        _set_price(components, price)
        idle_ms = percentile([_look(components)[1] for _ in range(plan["looks"])], 0.5)
        jumped_at = datetime.now(UTC).replace(microsecond=0)
        _set_price(components, price * Decimal(plan["jump"]))
        started = time.time()
        triggered, all_ms = _look(components)
        delays_ms = _delays_ms(settings.database_url, jumped_at, started)
        rss_mib = psutil.Process().memory_info().rss / MIB
    hand_back(
        {
            "idle_ms": idle_ms,
            "triggered": triggered,
            "all_ms": all_ms,
            "median_ms": percentile(delays_ms, 0.5),
            "p99_ms": percentile(delays_ms, 0.99),
            "rss_mib": rss_mib,
        }
    )


def _set_price(components: Components, usd: Decimal) -> None:
    market: Any = components.market
    market.set_price(SOL, usd)


def _look(components: Components) -> tuple[int, float]:
    """Orders triggered, and milliseconds."""
    started = time.perf_counter()
    triggered = components.triggers.tick()
    return triggered, (time.perf_counter() - started) * 1000


def _delays_ms(database_url: str, since: datetime, jumped: float) -> list[float]:
    """From the jump to the event that queued each order, by the event's own time."""
    with opened(database_url) as reading, reading.cursor() as cursor:
        cursor.execute(QUEUED, (since,))
        moments = [moment for (moment,) in cursor.fetchall()]
    # Events carry whole milliseconds.
    return [max((moment - jumped) * 1000, 0.0) for moment in moments]


if __name__ == "__main__":
    main()
