"""A connection with prepared statements, whose plans follow the growth of the tables."""

from collections.abc import Callable
from datetime import timedelta

from psycopg2 import extensions

from orders.domain.clock import EPOCH, Clock
from orders.storage.client_timeout import patience

PLAN_LIFE_S = 10.0
"""Seconds after which plans are made anew: one made for an empty table would scan a full one."""


class PreparedConnection:
    """A connection that opens when first used and again after it was closed.

    Only one thread at a time may use it. It raises what `connect` raises.
    """

    def __init__(
        self,
        connect: Callable[[], extensions.connection],
        statements: str,
        clock: Clock,
    ) -> None:
        self._connect = connect
        self._statements = statements
        self._clock = clock
        self._connection: extensions.connection | None = None
        self._plans_end_at = EPOCH

    def get(self) -> extensions.connection:
        """Returns the connection, in autocommit and with its statements prepared.

        Raises `StoreUnavailable` while PostgreSQL is silent.
        """
        patience.check()
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            assert self._connection.autocommit, "never part of another transaction"
            self._execute(self._connection, self._statements)
        elif self._clock.now() >= self._plans_end_at:
            self._execute(self._connection, "DISCARD PLANS")
        return self._connection

    def close(self) -> None:
        """Closes the connection; the next use opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _execute(self, connection: extensions.connection, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        self._plans_end_at = self._clock.now() + timedelta(seconds=PLAN_LIFE_S)
