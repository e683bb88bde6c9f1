"""The watcher process: triggers resting orders, expires them, recovers orphans.

Any number may run. A PostgreSQL advisory lock lets one work at a time; when its connection ends,
another takes over.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection

from orders.config import Settings
from orders.domain.errors import ClockSkewed, StoreUnavailable
from orders.execution.recovery import Recovery
from orders.execution.triggers import Triggers
from orders.observability import observe
from orders.storage.availability import is_unavailable
from orders.storage.client_timeout import patience
from orders.storage.database import dedicated_connection
from orders.storage.server_time import ServerTime

WATCHER_LOCK = 0x77617463686572
"""Key of the advisory lock: the bytes of "watcher"."""


@dataclass(slots=True)
class Duty:
    """A task to run every `interval_s` seconds."""

    name: str
    run: Callable[[], object]
    interval_s: float
    next_at: float = 0.0


class Watcher:
    """Runs each duty at its interval while it holds the lock."""

    def __init__(
        self,
        settings: Settings,
        triggers: Triggers,
        recovery: Recovery,
        server_time: ServerTime,
        further: Sequence[Duty] = (),
    ) -> None:
        self._settings = settings
        self._server_time = server_time
        self._stop = threading.Event()
        self._lock: Connection | None = None
        self._delete_expired_keys = recovery.delete_expired_keys
        self._clean_up = Duty("clean_up", self._delete_keys, settings.clean_up_interval_s)
        self._duties = [
            Duty("resting", triggers.tick, settings.watch_interval_s),
            Duty("recovery", recovery.sweep, settings.recovery_interval_s),
            self._clean_up,
            *further,
        ]

    def run(self) -> int:
        """Watches until SIGTERM or SIGINT, finishes the current task and returns 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        while not self._stop.is_set():
            pause_s = self._settings.recovery_interval_s
            try:
                pause_s = self.tick()
            except StoreUnavailable as error:
                observe.store_unavailable("watcher", error)
                self._release()
            except Exception as error:
                observe.internal_error("watcher", error)
            self._stop.wait(pause_s)
        self._release()
        return 0

    def tick(self) -> float:
        """Runs the duties that are due, if this watcher has or gets the lock.

        Returns the seconds until it should be called again. Raises `StoreUnavailable`.
        """
        if not self._may_watch():
            return self._settings.recovery_interval_s
        # The longest overdue come first, so that one which always finds the store unavailable does
        # not keep the others from their turn.
        for duty in sorted(self._duties, key=lambda duty: duty.next_at):
            now = time.monotonic()
            if now >= duty.next_at:
                duty.next_at = now + duty.interval_s
                self._run(duty)
        due = min(duty.next_at for duty in self._duties)
        return max(due - time.monotonic(), 0.001)

    def _run(self, duty: Duty) -> None:
        """Runs a duty; a bug in it must not end the turn of the others."""
        try:
            duty.run()
        except StoreUnavailable:
            raise
        except Exception as error:
            observe.internal_error("watcher", error)

    def _may_watch(self) -> bool:
        try:
            self._server_time.check()
        except ClockSkewed:
            self._release()  # Another watcher may have taken the lock.
            return False
        return self._holds_lock()

    def _delete_keys(self) -> None:
        if not self._delete_expired_keys():
            self._clean_up.next_at = time.monotonic()  # More is left: the next turn goes on.

    def _holds_lock(self) -> bool:
        patience.check()
        try:
            return self._ask_for_lock()
        except psycopg2.Error as error:
            if not is_unavailable(error):
                raise
            raise StoreUnavailable() from error

    def _ask_for_lock(self) -> bool:
        if self._lock is None or self._lock.closed:
            self._lock = dedicated_connection(self._settings)
            self._bound_silence(self._lock)
        with self._lock.cursor() as cursor:
            # Taken again at each look, which also shows whether the connection still lives.
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND pid = pg_backend_pid()) OR pg_try_advisory_lock(%s)",
                (WATCHER_LOCK,),
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def _bound_silence(self, lock: Connection) -> None:
        """Makes PostgreSQL take the lock away from a process that is frozen, not dead."""
        settings = self._settings
        longest_s = max(
            settings.lease_s, 4 * settings.recovery_interval_s, 4 * settings.watch_interval_s
        )
        with lock.cursor() as cursor:
            cursor.execute("SET idle_session_timeout = %s", (round(longest_s * 1000),))

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None
