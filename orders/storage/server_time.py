"""Follows PostgreSQL's clock, and reports a machine's clock that is far off."""

from __future__ import annotations

import time
from threading import Lock, Thread

from orders.config import Settings
from orders.domain.clock import ServerClock
from orders.domain.errors import ClockSkewed, StoreUnavailable
from orders.observability import observe
from orders.storage.database import connection, database

TRIES = 3
"""Questions of one measurement; the fastest answer counts."""
LEAST_ERROR_S = 0.005
"""Differences that are not corrected, because clocks synchronised by NTP differ by as much."""
RETRY_S = 1.0


class ServerTime:
    """Compares the clocks. One per process.

    `start` takes the first measurement; another follows every `clock_sync_s` seconds.
    """

    def __init__(self, settings: Settings, clock: ServerClock) -> None:
        self._interval_s = settings.clock_sync_s
        self._most_s = settings.clock_skew_max_s
        self._clock = clock
        self._measured = False
        self._starting = Lock()
        self._started = False

    def start(self) -> None:
        """Measures, unless PostgreSQL is away, and goes on measuring in a thread of its own."""
        with self._starting:
            if self._started:
                return
            self._started = True
            self._try()
        Thread(target=self._run, name="server-time", daemon=True).start()

    def check(self) -> None:
        """Raises `ClockSkewed` if the machine's clock is too far from PostgreSQL's to work on
        orders.

        Raises `StoreUnavailable` if that is not known.
        """
        if not self._measured:
            self.measure()
        if self.is_off:
            raise ClockSkewed()

    @property
    def is_off(self) -> bool:
        """Whether the machine's clock is too far off."""
        return abs(self.skew_s) > self._most_s

    @property
    def skew_s(self) -> float:
        """Seconds by which the machine's clock is ahead of PostgreSQL's."""
        return self._clock.machine_skew_s()

    def measure(self) -> None:
        """Asks PostgreSQL for its time. Raises `StoreUnavailable`."""
        round_trip_s = float("inf")
        with connection():
            for _ in range(TRIES):
                before = time.monotonic()
                (moment,) = database.execute_sql("SELECT clock_timestamp()").fetchone()
                took_s = time.monotonic() - before
                if took_s < round_trip_s:
                    round_trip_s, best = took_s, (moment, before + took_s / 2)
        self._clock.correct(*best, error_s=max(round_trip_s / 2, LEAST_ERROR_S))
        self._measured = True
        observe.clock_measured(self.skew_s, is_off=self.is_off)

    def _run(self) -> None:
        while True:
            time.sleep(self._interval_s if self._measured else RETRY_S)
            self._try()

    def _try(self) -> None:
        try:
            self.measure()
        except StoreUnavailable:
            pass  # Whoever needs PostgreSQL reports that it is away.
        except Exception as error:
            observe.internal_error("server_time", error)
