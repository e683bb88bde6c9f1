"""A Redis connection for one caller, which saves taking one from the pool for each command."""

from __future__ import annotations

from typing import Any

from redis import ConnectionError, ConnectionPool

from orders.messaging.circuit_breaker import RedisUnanswering


class DedicatedConnection:
    """A connection that is opened when first used, and again after it broke. Only one thread at a
    time may use it.

    It counts as one of the pool's for as long as the pool lives, however often it is opened.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._connection: Any = pool.make_connection()

    def ask(self, *command: Any) -> Any:
        """Sends a command and returns the answer. Raises `redis.RedisError`.

        If a restart of Redis cut the connection, the command is sent again, so it must do no harm
        twice.
        """
        try:
            return self._ask(command)
        except RedisUnanswering:
            raise
        except ConnectionError:
            return self._ask(command)

    def close(self) -> None:
        """Closes the connection; the next command opens it again."""
        self._connection.disconnect()

    def _ask(self, command: tuple[Any, ...]) -> Any:
        try:
            self._open()
            self._connection.send_command(*command)
            return self._read()
        except BaseException:
            # The answer may still arrive, and the next command must not take it for its own.
            self._connection.disconnect()
            raise

    def _open(self) -> None:
        self._connection.connect()

    def _read(self) -> Any:
        return self._connection.read_response()
