"""Asking Redis during a request: if Redis hangs, one request waits for it, not all.

A request without an answer within `patience_s` waits on only if no other one does. That one waits
for the connection's timeout and so finds out for all; the others go on without Redis at once.
"""

from __future__ import annotations

from typing import Any

from redis import ConnectionPool, RedisError
from redis import TimeoutError as RedisTimeout

from orders.messaging.circuit_breaker import CircuitBreaker, RedisUnanswering
from orders.messaging.dedicated_connection import DedicatedConnection


class RequestConnections:
    """As many connections as requests ask at the same time, all kept open. One per process."""

    def __init__(self, pool: ConnectionPool, breaker: CircuitBreaker, patience_s: float) -> None:
        self._pool = pool
        self._breaker = breaker
        self._patience_s = patience_s
        self._idle: list[_PatientConnection] = []

    def ask(self, *command: Any) -> Any:
        """Sends a command, perhaps twice (`DedicatedConnection.ask`), and returns the answer.

        Raises `RedisUnanswering` without waiting if another request has found Redis away, or
        another `redis.RedisError` if this one finds it out.
        """
        self._breaker.check()
        connection = self._idle.pop() if self._idle else self._new()
        try:
            return connection.ask(*command)
        except RedisUnanswering:
            raise
        except RedisError:
            self._breaker.trip()
            raise
        finally:
            self._idle.append(connection)

    @property
    def answering(self) -> bool:
        """Whether Redis is neither known nor suspected to be away."""
        return not self._breaker.is_suspect

    def _new(self) -> _PatientConnection:
        return _PatientConnection(self._pool, self._breaker, self._patience_s)


class _PatientConnection(DedicatedConnection):
    """A connection that waits longer than `patience_s` only if no other one of the process does."""

    def __init__(self, pool: ConnectionPool, breaker: CircuitBreaker, patience_s: float) -> None:
        super().__init__(pool)
        self._breaker = breaker
        self._patience_s = patience_s
        self._timeout_s: float = self._connection.socket_timeout

    def _open(self) -> None:
        try:
            self._connection.socket_timeout = self._patience_s
            self._connection.connect()
        except RedisTimeout:
            with self._breaker.finding_out():
                self._connection.socket_timeout = self._timeout_s
                self._connection.connect()

    def _read(self) -> Any:
        if not self._is_answered(self._patience_s):
            with self._breaker.finding_out():
                if not self._is_answered(self._timeout_s):
                    raise RedisTimeout(f"Redis did not answer for {self._timeout_s:g} s.")
        return self._connection.read_response()

    def _is_answered(self, within_s: float) -> bool:
        # Checked once more: if the process itself was busy, the answer has arrived meanwhile.
        return bool(self._connection.can_read(within_s) or self._connection.can_read(0))
