"""The group-commit writer: every row of orders and events goes to PostgreSQL through it.

A caller hands a write over and waits. The first one to find nobody writing writes its own row
and whatever has gathered meanwhile, as databases do (leader and followers): one row when idle,
so that nobody is delayed, up to `journal_batch` under load, in one commit. After the commit the
leader publishes all events and wake-ups in one Redis round trip and lets each caller go with
its own result. Works with OS threads and, monkey-patched, with green ones.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Signal
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extensions import TransactionRollbackError
from psycopg2.extensions import connection as Connection

from orders import crash, exact_json, observe
from orders.database import UNREACHABLE
from orders.errors import StoreUnavailable
from orders.events import Event
from orders.publisher import Publisher

COUNTER_SHARDS = 64

# The plans are made once, often for an empty table: without these settings they would scan it.
PREPARE = """
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;
PREPARE place (json, timestamptz) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        id uuid, account_id uuid, user_id text, type text, side text, token_in text,
        token_out text, amount_in numeric, max_slippage_bps integer, limit_price numeric,
        stop_price numeric, min_liquidity numeric, expires_at timestamptz, oco_group uuid,
        status text, due_at timestamptz, at timestamptz, data jsonb,
        key_scope text, key text, key_hash text, key_expires_at timestamptz)
), keyed AS (
    INSERT INTO idempotency_keys AS held (scope, key, payload_hash, order_id, expires_at)
    SELECT key_scope, key, key_hash, id, key_expires_at FROM input WHERE key IS NOT NULL
    ORDER BY key_scope, key
    ON CONFLICT (scope, key) DO UPDATE
    SET payload_hash = excluded.payload_hash, order_id = excluded.order_id,
        expires_at = excluded.expires_at
    WHERE held.expires_at <= $2
    RETURNING order_id
), placed AS (
    INSERT INTO orders (id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        sequence, due_at, created_at, updated_at)
    SELECT id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        1, due_at, at, at
    FROM input WHERE key IS NULL OR id IN (SELECT order_id FROM keyed)
    RETURNING id
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, 1, status, at, data
    FROM input WHERE key IS NULL OR id IN (SELECT order_id FROM keyed)
)
SELECT id FROM placed;

PREPARE advance (json, integer) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        id uuid, expected integer, previous text, status text, at timestamptz, data jsonb,
        due_at timestamptz, lease_owner text, attempts integer, recoveries integer,
        dex_used text, min_amount_out numeric, amount_out numeric, executed_price numeric,
        tx_hash text, last_valid_block_height bigint, transaction jsonb, fail_code text,
        fail_reason text, oco_group uuid, oco_owner text)
), won AS (
    INSERT INTO oco_groups AS held (id, owner, winner)
    SELECT oco_group, oco_owner, id FROM input WHERE oco_group IS NOT NULL
    ORDER BY oco_group, oco_owner
    ON CONFLICT (id, owner) DO UPDATE SET winner = excluded.winner
    WHERE held.winner = excluded.winner OR EXISTS (
        SELECT FROM orders
        WHERE orders.id = held.winner AND orders.outcome IN ('cancelled', 'expired'))
    RETURNING winner
), moved AS (
    UPDATE orders SET
        status = input.status, sequence = orders.sequence + 1, updated_at = input.at,
        due_at = input.due_at, lease_owner = input.lease_owner,
        attempts = coalesce(input.attempts, orders.attempts),
        recoveries = coalesce(input.recoveries, orders.recoveries),
        dex_used = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.dex_used, orders.dex_used) END,
        min_amount_out = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.min_amount_out, orders.min_amount_out) END,
        tx_hash = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.tx_hash, orders.tx_hash) END,
        last_valid_block_height = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.last_valid_block_height, orders.last_valid_block_height) END,
        transaction = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.transaction, orders.transaction) END,
        amount_out = input.amount_out, executed_price = input.executed_price,
        fail_code = input.fail_code, fail_reason = input.fail_reason
    FROM input
    WHERE orders.id = input.id AND orders.sequence = input.expected
        AND orders.status = input.previous
        AND (input.oco_group IS NULL OR input.id IN (SELECT winner FROM won))
    RETURNING orders.id, orders.sequence, orders.outcome, input.status, input.at, input.data
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, sequence, status, at, data FROM moved
), counted AS (
    INSERT INTO order_counters AS counter (shard, outcome, total)
    SELECT $2, outcome, count(*) FROM moved WHERE outcome IS NOT NULL
    GROUP BY outcome ORDER BY outcome
    ON CONFLICT (shard, outcome) DO UPDATE SET total = counter.total + excluded.total
)
SELECT id FROM moved;
"""


@dataclass(slots=True)
class Write:
    """One caller's rows: placed or advanced together, in one commit.

    `rows` are the columns of the PREPAREd statement named by `kind`; `events` and `wake_ups`
    are sent for those of them that took effect.
    """

    kind: str
    rows: list[dict[str, Any]]
    events: list[Event]
    wake_ups: set[UUID]
    written: set[UUID] = field(default_factory=set)
    error: BaseException | None = None
    leads: bool = False
    done: bool = False
    released: Signal = field(default_factory=Signal)

    def conflicts(self) -> set[Any]:
        """What no two writes of one batch may share: orders and idempotency keys."""
        keys: set[Any] = {row["id"] for row in self.rows}
        keys.update((row["key_scope"], row["key"]) for row in self.rows if row.get("key"))
        return keys


class Journal:
    """One per process. `connect` opens a dedicated connection in autocommit."""

    def __init__(self, connect: Callable[[], Connection], publisher: Publisher, batch: int) -> None:
        self._connect = connect
        self._publisher = publisher
        self._batch = batch
        self._shard = os.getpid() % COUNTER_SHARDS
        self._lock = Lock()
        self._waiting: deque[Write] = deque()
        self._leading = False
        self._connection: Connection | None = None

    def write(self, write: Write) -> set[UUID]:
        """Writes the rows and returns the ids of the orders for which they took effect.

        Raises `StoreUnavailable` when PostgreSQL is away: whether the rows were stored is then
        not known. An error that the rows themselves caused is raised as it is.
        """
        with self._lock:
            self._waiting.append(write)
            write.leads = not self._leading
            self._leading = True
        if not write.leads:
            write.released.wait()
        if not write.done:
            self._lead(write)
        if write.error is not None:
            raise write.error
        return write.written

    def close(self) -> None:
        """Closes the connection; a later write opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lead(self, own: Write) -> None:
        batch = self._take()
        try:
            self._commit(batch)
        except BaseException as error:
            for write in batch:
                write.error = write.error or error
        finally:
            self._hand_over()
            for write in batch:
                write.done = True
                if write is not own:
                    write.released.set()

    def _take(self) -> list[Write]:
        """The writes of the next batch: in order of arrival, no two in conflict."""
        taken: list[Write] = []
        left: deque[Write] = deque()
        seen: set[Any] = set()
        with self._lock:
            while self._waiting and len(taken) < self._batch:
                write = self._waiting.popleft()
                keys = write.conflicts()
                (left if keys & seen else taken).append(write)
                seen |= keys
            self._waiting.extendleft(reversed(left))
        return taken

    def _hand_over(self) -> None:
        with self._lock:
            if not self._waiting:
                self._leading = False
                return
            successor = self._waiting[0]
        successor.leads = True
        successor.released.set()

    def _commit(self, batch: list[Write]) -> None:
        observe.journal_batch(len(batch))
        try:
            self._execute(batch)
        except psycopg2.Error as error:
            if isinstance(error, UNREACHABLE) and not isinstance(error, TransactionRollbackError):
                self.close()
                raise StoreUnavailable() from error
            self._commit_one_by_one(batch)
        crash.point("after_commit")
        self._publish(batch)

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
        calls = [(kind, [w for w in batch if w.kind == kind]) for kind in ("place", "advance")]
        calls = [(kind, writes) for kind, writes in calls if writes]
        written: set[UUID] = set()
        with self._open().cursor() as cursor:
            if len(calls) > 1:
                cursor.execute("BEGIN")
            try:
                for kind, writes in calls:
                    rows = exact_json.dumps([row for write in writes for row in write.rows])
                    argument = writes[0].rows[0]["at"] if kind == "place" else self._shard
                    cursor.execute(f"EXECUTE {kind} (%s, %s)", (rows, argument))
                    written.update(row[0] for row in cursor.fetchall())
                if len(calls) > 1:
                    cursor.execute("COMMIT")
            except psycopg2.Error:
                if len(calls) > 1 and not cursor.connection.closed:
                    cursor.execute("ROLLBACK")
                raise
        for write in batch:
            write.written = {row["id"] for row in write.rows} & written

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            with self._connection.cursor() as cursor:
                cursor.execute(PREPARE)
        return self._connection

    def _publish(self, batch: list[Write]) -> None:
        events = [e for write in batch for e in write.events if e.order_id in write.written]
        wake_ups = [i for write in batch for i in write.wake_ups & write.written]
        if events:
            self._publisher.publish(events, wake_ups)
