"""Finds out whether PostgreSQL can store anything now: it may answer without being able to."""

from __future__ import annotations

import time
from threading import Lock

from orders.domain.errors import StoreUnavailable
from orders.storage.database import connection, database

WRITE = """
INSERT INTO write_probe (id, written_at, filler) VALUES (1, clock_timestamp(), repeat('x', 8192))
ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, filler = excluded.filler
"""


class WriteProbe:
    """Writes at most once in `interval_s` seconds, however many callers ask. One per process."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._lock = Lock()
        self._written_at = float("-inf")
        self._took_s: float | None = None

    def write(self) -> float:
        """The seconds that the last write took. Raises `StoreUnavailable` if it failed."""
        with self._lock:
            if time.monotonic() - self._written_at >= self._interval_s:
                self._took_s = _write()
                self._written_at = time.monotonic()
            if self._took_s is None:
                raise StoreUnavailable()
            return self._took_s


def _write() -> float | None:
    started = time.perf_counter()
    try:
        with connection():
            database.execute_sql(WRITE)
    except StoreUnavailable:
        return None
    return time.perf_counter() - started
