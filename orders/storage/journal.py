"""The journal: writes new orders, status changes and their events in groups.

A caller hands over a write and waits. When idle, one write is committed alone; under load up to
`journal_batch` writes share a commit (`orders.storage.batching`). After the commit all events and
wake-ups go to the publisher together, and each caller continues with its own result. Leases
(`orders.storage.order_store`) and pruning write to orders without the journal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.errors import FeatureNotSupported
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
    "due_at", "lease_owner", "created_at", "updated_at", "wallet", "hold", "signed_transaction",
    "scenario", "client_order_id",
)  # fmt: skip
"""The columns of `orders` that a claim returns: all that is needed to execute the order."""
CLAIM_RESULT = ", ".join(f"claimed.{name}" for name in (*CLAIMED, "pending_since", "event_data"))
SOURCE = Path(__file__).with_suffix(".sql").read_text().replace("{claimed}", CLAIM_RESULT)


def without(part: str, source: str) -> str:
    """The statements without the parts between `-- part:` and `-- :part`."""
    return re.sub(f"-- {part}:\n.*?-- :{part}\n", "", source, flags=re.DOTALL)


FUNDED = re.sub(r"PREPARE (place|amend|move)", r"PREPARE \1_funded", without("no money", SOURCE))
PREPARE = without("money", SOURCE) + FUNDED[FUNDED.index("PREPARE place_funded") :]
"""The statements `place`, `amend` and `move` in both forms, and `lock_wallets`."""
STATEMENTS = {"place": "place", "amend": "amend", "claim": "move", "advance": "move"}
"""The statement that writes rows of a kind."""

Row = tuple[Any, ...]
NEEDED, AVAILABLE = 1, 2
"""Columns of what `place` and `amend` return."""
SPENDING = frozenset({"place", "amend"})
"""Kinds of rows that may need more of a wallet's money."""


@dataclass(slots=True)
class Write(Entry):
    """One caller's rows: placed, claimed or advanced together, in one commit.

    `rows` are the input of the prepared statement named by `kind`. `events_of` returns the events
    of a row that took effect, from what the statement returned for it. They are published after the
    commit, as are wake-ups for those of `wake_ups` that took effect.
    """

    kind: str
    rows: list[dict[str, Any]]
    events_of: Callable[[Row], list[Event]]
    wake_ups: Collection[UUID] = ()
    written: dict[UUID, Row] = field(default_factory=dict)
    refused: dict[UUID, Row] = field(default_factory=dict)
    """For each order that its wallet cannot pay: the order's id, the amount needed and the amount
    available.
    """

    def conflicts(self) -> set[Any]:
        """Orders, idempotency keys, and wallets that new orders take money from."""
        keys: set[Any] = {row["id"] for row in self.rows}
        keys.update((row["key_scope"], row["key"]) for row in self.rows if row.get("key"))
        if self.kind in SPENDING:
            keys |= self.wallets()
        return keys

    def answer(self, answered: Mapping[UUID, Row]) -> None:
        """Takes its own rows from what the statement returned."""
        for row in self.rows:
            returned = answered.get(row["id"])
            if returned is None:
                continue
            if self.kind in SPENDING and returned[NEEDED] is not None:
                self.refused[row["id"]] = returned
            else:
                self.written[row["id"]] = returned

    def wallets(self) -> set[str]:
        """The wallets whose money the rows change."""
        wallets = {row["wallet"] for row in self.rows if row.get("wallet")}
        return wallets.union(*(row.get("payees", ()) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Call:
    """How a statement is called; `wallets` are those to lock before."""

    statement: str
    rows: str
    argument: Any
    wallets: list[str]


class Journal:
    """Writes groups of rows. One per process.

    `connect` opens a dedicated connection in autocommit.
    """

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

    def once_committed(self, action: Callable[[], None]) -> None:
        """Calls it at once: what was written is committed."""
        action()

    def call(self, writes: Sequence[Write]) -> Call:
        """The call that writes rows of one statement."""
        statement = STATEMENTS[writes[0].kind]
        rows = sorted((row for write in writes for row in write.rows), key=lambda row: row["id"])
        argument = rows[0]["at"] if statement == "place" else self._shard
        wallets = sorted(set().union(*(write.wallets() for write in writes)))
        if wallets:
            statement = f"{statement}_funded"
        return Call(statement, exact_json.dumps(rows), argument, wallets)

    def close(self) -> None:
        """Closes the connection; a later write opens another."""
        self._connection.close()

    def _commit(self, batch: list[Write]) -> None:
        """Commits one transaction for each of the two statements: each locks in an order of its
        own.
        """
        observe.journal_batch(len(batch))
        for statement in ("place", "amend", "move"):
            writes = [write for write in batch if STATEMENTS[write.kind] == statement]
            if writes:
                self._commit_together(writes)
        failpoints.point("after_commit")
        self.publish(batch)

    def _commit_together(self, writes: list[Write]) -> None:
        try:
            self._execute(writes)
        except psycopg2.Error as error:
            if isinstance(error, FeatureNotSupported) or (
                is_unavailable(error) and not isinstance(error, TransactionRollbackError)
            ):
                # The former: a migration has changed the type of a column that a plan returns.
                self.close()
                self._execute_anew(writes, error)
            else:
                self._commit_one_by_one(writes)
        except StoreUnavailable as error:
            _fail(writes, error)

    def _execute_anew(self, batch: list[Write], error: psycopg2.Error) -> None:
        """Writes a group again on a new connection after the old one broke.

        The old one may have broken long ago, or after the commit and before its answer. What is
        stored already is not stored again: claims and advances are fenced, and orders are looked
        for.
        """
        if isinstance(error, QueryCanceledError):
            _fail(batch, error)
            return
        try:
            self._find_placed([write for write in batch if write.kind == "place"])
            self._execute([write for write in batch if not write.written])
        except (psycopg2.Error, StoreUnavailable) as again:
            self.close()
            _fail(batch, again)

    def _find_placed(self, writes: list[Write]) -> None:
        wanted = [row["id"] for write in writes for row in write.rows]
        with self._connection.get().cursor() as cursor:
            cursor.execute(
                "SELECT id, null, null FROM orders WHERE id = ANY(%s::uuid[])", (wanted,)
            )
            stored = {row[0]: row for row in cursor.fetchall()}
        for write in writes:
            write.answer(stored)

    def _commit_one_by_one(self, batch: list[Write]) -> None:
        """Commits the rows one by one, so that a row that breaks the statement fails alone."""
        for write in batch:
            try:
                self._execute([write])
            except psycopg2.Error as error:
                if is_unavailable(error):
                    self.close()
                _fail([write], error)

    def _execute(self, writes: list[Write]) -> None:
        """Writes rows with one statement.

        If money is concerned, another statement locks its wallets first: both are one transaction
        and one round trip.
        """
        if not writes:
            return
        call = self.call(writes)
        execute = f"EXECUTE {call.statement} (%s, %s)"
        with self._connection.get().cursor() as cursor:
            if call.wallets:
                locked = (call.wallets, call.rows, call.argument)
                cursor.execute(f"EXECUTE lock_wallets (%s); {execute}", locked)
            else:
                cursor.execute(execute, (call.rows, call.argument))
            answered = {row[0]: row for row in cursor.fetchall()}
        for write in writes:
            write.answer(answered)

    def publish(self, batch: Sequence[Write]) -> None:
        """Hands the events and wake-ups of committed writes to the publisher."""
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
        if len(batch) == 1:  # Nobody else is about to yield.
            self._publisher.give_way()


def _fail(writes: list[Write], cause: Exception) -> None:
    """Tells the callers of a failure.

    An error that the rows themselves caused is raised as it is; any other as `StoreUnavailable`,
    because it is not known whether any row was stored.
    """
    for write in writes:
        if isinstance(cause, psycopg2.Error) and is_unavailable(cause):
            write.error = StoreUnavailable()
            write.error.__cause__ = cause
        else:
            write.error = cause
