"""Counts of orders that wait, run and have ended, at a cost that past orders do not increase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orders.domain.clock import Clock
from orders.domain.identifiers import first_uuid7
from orders.storage.database import connection, database

THROUGHPUT_WINDOW = timedelta(minutes=1)
FAILURES_WINDOW = timedelta(minutes=15)
MOST_COUNTED = 100_000
"""Recent orders that are counted at most."""
MOST_FAILURES = 1_000

IN_FLIGHT = """
SELECT status = 'pending' AND due_at <= %(now)s, status <> 'pending', count(*), min(due_at)
FROM orders WHERE in_flight GROUP BY 1, 2
"""

TOTALS = "SELECT outcome, sum(total)::bigint FROM order_counters GROUP BY outcome"

RECENT = """
SELECT count(*) FROM (
    SELECT 1 FROM orders WHERE outcome IN ('confirmed', 'failed') AND id >= %s LIMIT %s) recent
"""

FAILURES = """
SELECT fail_code, count(*) FROM (
    SELECT fail_code FROM orders WHERE outcome = 'failed' AND id >= %s
    ORDER BY id DESC LIMIT %s) recent
GROUP BY fail_code ORDER BY count(*) DESC
"""


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """The counts at one moment. `failures` counts recent failures by code."""

    waiting: int
    active: int
    delayed: int
    completed: int
    failed: int
    oldest_waiting_s: float
    throughput_per_minute: int
    failures: dict[str, int]


def measure_queue(clock: Clock) -> QueueStatistics:
    """Takes the counts. Raises `StoreUnavailable`."""
    now = clock.now()
    with connection():
        in_flight = _rows(IN_FLIGHT, {"now": now})
        totals = dict(_rows(TOTALS))
        recent = _rows(RECENT, (first_uuid7(now - THROUGHPUT_WINDOW), MOST_COUNTED))
        failures = _rows(FAILURES, (first_uuid7(now - FAILURES_WINDOW), MOST_FAILURES))
    kinds = {(waiting, active): (count, due) for waiting, active, count, due in in_flight}
    waiting, oldest = kinds.get((True, False), (0, now))
    return QueueStatistics(
        waiting=waiting,
        active=kinds.get((False, True), (0, now))[0],
        delayed=kinds.get((False, False), (0, now))[0],
        completed=totals.get("confirmed", 0),
        failed=totals.get("failed", 0),
        oldest_waiting_s=_age_s(now, oldest),
        throughput_per_minute=recent[0][0],
        failures=dict(failures),
    )


def _age_s(now: datetime, since: datetime) -> float:
    return round(max((now - since).total_seconds(), 0.0), 3)


def _rows(sql: str, parameters: Any = None) -> list[Any]:
    return list(database.execute_sql(sql, parameters).fetchall())
