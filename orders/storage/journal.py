"""The group-commit writer: every row of orders and events goes to PostgreSQL through it.

A caller hands a write over and waits. One row is written when idle, so that nobody is delayed,
up to `journal_batch` writes under load, in one commit (`orders.storage.batching`). After the commit
all events and wake-ups are handed to the publisher together, and each caller goes on with its
own result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extensions import QueryCanceledError, TransactionRollbackError
from psycopg2.extensions import connection as Connection

from orders.domain import exact_json, failpoints
from orders.domain.clock import Clock
from orders.domain.errors import StoreUnavailable
from orders.domain.events import Event
from orders.messaging.publisher import Publisher
from orders.messaging.terms import Packed
from orders.observability import observe
from orders.storage.batching import Entry, GroupCommit
from orders.storage.database import UNREACHABLE
from orders.storage.prepared_session import PreparedConnection

COUNTER_SHARDS = 64

PREPARE = Path(__file__).with_suffix(".sql").read_text()
"""The statements `place` and `move`."""
STATEMENTS = {"place": "place", "look": "move", "claim": "move", "advance": "move"}
"""Which statement writes rows of a kind."""

Row = tuple[Any, ...]


@dataclass(slots=True)
class Write(Entry):
    """One caller's rows: placed, looked at, claimed or advanced together, in one commit.

    `rows` are the input of the prepared statement named by `kind`. `events_of` tells the events
    of a row that took effect, from what the statement returned for it; they are sent after the
    commit, and so are the `wake_ups` among the orders that took effect, with the terms of those
    that are new.
    """

    kind: str
    rows: list[dict[str, Any]]
    events_of: Callable[[Row], list[Event]]
    wake_ups: Mapping[UUID, Packed | None] = field(default_factory=dict)
    written: dict[UUID, Row] = field(default_factory=dict)

    def conflicts(self) -> set[Any]:
        """Orders and idempotency keys."""
        keys: set[Any] = {row["id"] for row in self.rows}
        keys.update((row["key_scope"], row["key"]) for row in self.rows if row.get("key"))
        return keys


class Journal:
    """One per process. `connect` opens a dedicated connection in autocommit."""

    def __init__(
        self, connect: Callable[[], Connection], publisher: Publisher, clock: Clock, batch: int
    ) -> None:
        self._publisher = publisher
        self._shard = os.getpid() % COUNTER_SHARDS
        self._group_commit = GroupCommit(self._commit, batch)
        self._connection = PreparedConnection(connect, PREPARE, clock)

    def write(self, write: Write) -> dict[UUID, Row]:
        """Writes the rows; returns what the statement returned for those that took effect.

        Raises `StoreUnavailable` when PostgreSQL is away: whether the rows were stored is then
        not known. An error that the rows themselves caused is raised as it is.
        """
        self._group_commit.submit(write)
        return write.written

    def close(self) -> None:
        """Closes the connection; a later write opens another."""
        self._connection.close()

    def _commit(self, batch: list[Write]) -> None:
        observe.journal_batch(len(batch))
        try:
            self._execute(batch)
        except psycopg2.Error as error:
            if isinstance(error, UNREACHABLE) and not isinstance(error, TransactionRollbackError):
                self.close()
                self._execute_anew(batch, error)
            else:
                self._commit_one_by_one(batch)
        failpoints.point("after_commit")
        self._publish(batch)

    def _execute_anew(self, batch: list[Write], error: psycopg2.Error) -> None:
        """Writes on a new connection what the old one broke on: it may have been cut long ago,
        or after the commit and before its answer.

        What is stored already is not stored again: claims and advances are fenced, and orders
        are looked for. Raises `StoreUnavailable`.
        """
        if isinstance(error, QueryCanceledError):
            raise StoreUnavailable() from error
        try:
            self._find_placed([write for write in batch if write.kind == "place"])
            self._execute([write for write in batch if not write.written])
        except psycopg2.Error as again:
            self.close()
            raise StoreUnavailable() from again

    def _find_placed(self, writes: list[Write]) -> None:
        wanted = [row["id"] for write in writes for row in write.rows]
        with self._connection.get().cursor() as cursor:
            cursor.execute("SELECT id FROM orders WHERE id = ANY(%s::uuid[])", (wanted,))
            stored = {row[0]: row for row in cursor.fetchall()}
        for write in writes:
            write.written = {
                row["id"]: stored[row["id"]] for row in write.rows if row["id"] in stored
            }

    def _commit_one_by_one(self, batch: list[Write]) -> None:
        """A row that breaks the statement fails alone."""
        for write in batch:
            try:
                self._execute([write])
            except UNREACHABLE as error:
                self.close()
                write.error = StoreUnavailable()
                write.error.__cause__ = error
            except psycopg2.Error as error:
                write.error = error

    def _execute(self, batch: list[Write]) -> None:
        calls: dict[str, list[Write]] = {}
        for write in batch:
            calls.setdefault(STATEMENTS[write.kind], []).append(write)
        written: dict[UUID, Row] = {}
        with self._connection.get().cursor() as cursor:
            if len(calls) > 1:
                cursor.execute("BEGIN")
            try:
                for statement, writes in calls.items():
                    rows = exact_json.dumps([row for write in writes for row in write.rows])
                    argument = writes[0].rows[0]["at"] if statement == "place" else self._shard
                    cursor.execute(f"EXECUTE {statement} (%s, %s)", (rows, argument))
                    written.update((row[0], row) for row in cursor.fetchall())
                if len(calls) > 1:
                    cursor.execute("COMMIT")
            except psycopg2.Error:
                if len(calls) > 1 and not cursor.connection.closed:
                    cursor.execute("ROLLBACK")
                raise
        for write in batch:
            ids = [row["id"] for row in write.rows]
            write.written = {id: written[id] for id in ids if id in written}

    def _publish(self, batch: list[Write]) -> None:
        events = [
            event
            for write in batch
            for row in write.written.values()
            for event in write.events_of(row)
        ]
        wake_ups = [
            (order_id, terms)
            for write in batch
            for order_id, terms in write.wake_ups.items()
            if order_id in write.written
        ]
        if events:
            self._publisher.publish(events, wake_ups)
