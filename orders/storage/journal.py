"""The group-commit writer: new orders, status changes and their events go through it.

A caller hands a write over and waits. One write is committed alone when idle, so that nobody is
delayed; under load up to `journal_batch` writes share a commit (`orders.storage.batching`). After
the commit all events and wake-ups go to the publisher together, and each caller goes on with its
own result. Leases (`orders.storage.order_store`) and pruning write to orders outside of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
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
from orders.observability import observe
from orders.storage.availability import is_unavailable
from orders.storage.batching import Entry, GroupCommit
from orders.storage.prepared_session import PreparedConnection

COUNTER_SHARDS = 64

CLAIMED = (
    "account_id", "type", "token_in", "token_out", "amount_in", "max_slippage_bps", "limit_price",
    "stop_price", "min_liquidity", "expires_at", "status", "sequence", "attempts", "recoveries",
    "due_at", "lease_owner", "created_at", "updated_at",
)  # fmt: skip
"""The columns of `orders` that a claim returns: all that executing the order needs."""
CLAIM_RESULT = ", ".join((*CLAIMED, "pending_since", "event_data"))
PREPARE = Path(__file__).with_suffix(".sql").read_text().replace("{claimed}", CLAIM_RESULT)
"""The statements `place` and `move`."""
STATEMENTS = {"place": "place", "claim": "move", "advance": "move"}
"""Which statement writes rows of a kind."""

Row = tuple[Any, ...]


@dataclass(slots=True)
class Write(Entry):
    """One caller's rows: placed, claimed or advanced together, in one commit.

    `rows` are the input of the prepared statement named by `kind`. `events_of` gives the events
    of a row that took effect, from what the statement returned for it. They are published after
    the commit; so are wake-ups for those of `wake_ups` that took effect.
    """

    kind: str
    rows: list[dict[str, Any]]
    events_of: Callable[[Row], list[Event]]
    wake_ups: Collection[UUID] = ()
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
            if is_unavailable(error) and not isinstance(error, TransactionRollbackError):
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
            if not is_unavailable(again):
                raise
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
            except psycopg2.Error as error:
                write.error = error
                if is_unavailable(error):
                    self.close()
                    write.error = StoreUnavailable()
                    write.error.__cause__ = error

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
            order_id for write in batch for order_id in write.wake_ups if order_id in write.written
        ]
        if events:
            self._publisher.publish(events, wake_ups)
