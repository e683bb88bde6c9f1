"""Asking Redis in the middle of a request: a Redis that hangs makes one request wait, not all.

Whoever gets no answer within `patience_s` waits on only if nobody else does; that one finds out,
within the timeout of its connection, for all of them. The others go on without Redis at once.
"""

from __future__ import annotations

from typing import Any

from redis import ConnectionPool, RedisError
from redis import TimeoutError as RedisTimeout

from orders.messaging.circuit_breaker import CircuitBreaker, RedisUnanswering
from orders.messaging.dedicated_connection import DedicatedConnection


class RequestConnections:
    """One per process: as many connections as requests ask at the same time, each kept."""

    def __init__(self, pool: ConnectionPool, breaker: CircuitBreaker, patience_s: float) -> None:
        self._pool = pool
        self._breaker = breaker
        self._patience_s = patience_s
        self._idle: list[_PatientConnection] = []

    def ask(self, *command: Any) -> Any:
        """The answer to a command, which may be sent twice (`DedicatedConnection.ask`).

        Raises `RedisUnanswering` without waiting where others know better already, another
        `redis.RedisError` for the one that found it out.
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
        """Whether Redis is not known, or suspected, to be away."""
        return not self._breaker.is_suspect

    def _new(self) -> _PatientConnection:
        return _PatientConnection(self._pool, self._breaker, self._patience_s)


class _PatientConnection(DedicatedConnection):
    """Waits for longer than `patience_s` only if no other connection of the process does."""

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
        # Looked for again: where the process itself was busy, the answer has come meanwhile.
        return bool(self._connection.can_read(within_s) or self._connection.can_read(0))
