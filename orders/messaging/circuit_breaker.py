"""A circuit breaker: while a server does not answer, callers are told at once and do not wait.

A server that refuses connections fails fast. One that hangs costs each caller its whole timeout,
and the journal's leader would make all others wait for it, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread

from redis import ConnectionError, RedisError

from orders.observability import observe

PROBE_INTERVAL_S = 0.5


class RedisUnanswering(ConnectionError):
    """Redis did not answer lately and was not asked again."""


class CircuitBreaker:
    """Opens when the server fails, and closes when it answers a ping. One per process and server.

    `ping` raises one of `failures` while the server is away.
    """

    def __init__(
        self,
        ping: Callable[[], object],
        failures: tuple[type[Exception], ...] = (RedisError,),
    ) -> None:
        self._ping = ping
        self._failures = failures
        self._lock = Lock()
        self._open = False
        self._finding_out = Lock()

    @property
    def is_open(self) -> bool:
        """Whether the server failed and has not answered since."""
        return self._open

    @property
    def is_suspect(self) -> bool:
        """Whether the breaker is open, or a caller is waiting to find out whether it must open."""
        return self._open or self._finding_out.locked()

    def check(self) -> None:
        """Raises `RedisUnanswering` at once while the server is suspect."""
        if self.is_suspect:
            raise RedisUnanswering("Redis did not answer lately.")

    @contextmanager
    def finding_out(self) -> Iterator[None]:
        """A block that waits for the server, which is suspect for as long.

        Raises `RedisUnanswering` at once if another caller is waiting already.
        """
        if not self._finding_out.acquire(blocking=False):
            raise RedisUnanswering("Redis does not answer; somebody else is waiting for it.")
        try:
            yield
        finally:
            self._finding_out.release()

    def trip(self) -> None:
        """Opens the breaker until the server answers a ping."""
        with self._lock:
            if self._open:
                return
            self._open = True
        Thread(target=self._probe, name="redis-probe", daemon=True).start()

    def _probe(self) -> None:
        while self._open:
            time.sleep(PROBE_INTERVAL_S)
            try:
                self._ping()
            except self._failures:
                continue
            except Exception as error:
                observe.internal_error("circuit breaker", error)
                continue
            self._open = False
