"""A connection to Redis for one caller: the way to a pooled one costs more than a command."""

from __future__ import annotations

from typing import Any

from redis import ConnectionError, ConnectionPool

from orders.messaging.circuit_breaker import RedisUnanswering


class DedicatedConnection:
    """Opened when first used, and again when it broke. Only one thread at a time may use it.

    It counts as one of the pool's for as long as the pool lives, however often it is opened.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._connection: Any = pool.make_connection()

    def ask(self, *command: Any) -> Any:
        """The answer to a command, which is sent twice if a restart of Redis has cut the
        connection meanwhile: it must do no harm to arrive twice. Raises `redis.RedisError`."""
        try:
            return self._ask(command)
        except RedisUnanswering:
            raise
        except ConnectionError:
            return self._ask(command)

    def close(self) -> None:
        """Closes it; the next command opens it again."""
        self._connection.disconnect()

    def _ask(self, command: tuple[Any, ...]) -> Any:
        try:
            self._open()
            self._connection.send_command(*command)
            return self._read()
        except BaseException:
            # The answer may still come: nobody must take it for the next one's.
            self._connection.disconnect()
            raise

    def _open(self) -> None:
        self._connection.connect()

    def _read(self) -> Any:
        return self._connection.read_response()
