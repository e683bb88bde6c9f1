"""Removes orders that ended long ago, with all that belongs to them, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orders.domain import failpoints
from orders.domain.identifiers import first_uuid7
from orders.domain.lifecycle import TERMINAL, Status
from orders.observability import observe
from orders.storage.database import connection, database

OLD = "SELECT id FROM orders WHERE outcome = %s AND id < %s ORDER BY id LIMIT %s"

DELETE_EVENTS = "DELETE FROM order_events WHERE order_id = ANY(%s::uuid[])"
DELETE_ORDERS = "DELETE FROM orders WHERE id = ANY(%s::uuid[]) RETURNING oco_group"
DELETE_GROUPS = """
DELETE FROM oco_groups WHERE id = ANY(%s::uuid[])
AND NOT EXISTS (SELECT FROM orders WHERE oco_group = oco_groups.id)
"""
DELETE_OF_CHAIN = (
    "DELETE FROM chain.transactions WHERE order_id = ANY(%s::uuid[])",
    "DELETE FROM chain.limit_orders WHERE order_id = ANY(%s::uuid[])",
)

DELETE_WALLET_EVENTS = """
DELETE FROM wallet_events WHERE (wallet, sequence) IN (
    SELECT wallet, sequence FROM wallet_events WHERE at < %s LIMIT %s)
"""
DELETE_ACCOUNT_EVENTS = """
DELETE FROM account_order_events WHERE (account_id, sequence) IN (
    SELECT account_id, sequence FROM account_order_events WHERE at < %s LIMIT %s)
"""
DELETE_FORGOTTEN = """
DELETE FROM chain.forgotten WHERE signature IN (
    SELECT signature FROM chain.forgotten WHERE at < %s LIMIT %s)
"""
DELETE_TRANSFERS = """
DELETE FROM chain.transfers WHERE signature IN (
    SELECT signature FROM chain.transfers WHERE landed_at < %s LIMIT %s)
"""
DELETE_NAMED = """
DELETE FROM chain.account_transactions WHERE (account, at, signature) IN (
    SELECT account, at, signature FROM chain.account_transactions WHERE at < %s LIMIT %s)
"""
DELETE_PROMISED = """
DELETE FROM message_scenarios WHERE message IN (
    SELECT message FROM message_scenarios
    WHERE last_valid_block_height < chain.block_height(%s) LIMIT %s)
"""
# Jumps from pair to pair in an index, because there are far more orders than pairs.
DELETE_LAUNCHES = """
WITH RECURSIVE pairs AS (
    (SELECT token_in, token_out FROM orders ORDER BY token_in, token_out LIMIT 1)
    UNION ALL
    SELECT following.* FROM pairs, LATERAL (
        SELECT token_in, token_out FROM orders
        WHERE (token_in, token_out) > (pairs.token_in, pairs.token_out)
        ORDER BY token_in, token_out LIMIT 1) AS following
), used AS (
    SELECT token_in AS mint FROM pairs UNION SELECT token_out FROM pairs
    UNION SELECT mint FROM balances UNION SELECT mint FROM chain.token_accounts
)
DELETE FROM launches WHERE mint IN (
    SELECT mint FROM launches
    WHERE live_at < %s AND NOT EXISTS (SELECT FROM used WHERE used.mint = launches.mint) LIMIT %s)
"""
BY_AGE = (
    DELETE_WALLET_EVENTS,
    DELETE_ACCOUNT_EVENTS,
    DELETE_FORGOTTEN,
    DELETE_TRANSFERS,
    DELETE_NAMED,
    DELETE_PROMISED,
    DELETE_LAUNCHES,
)
"""What is removed once it is old enough: what live streams could still tell of accounts, the
chain's own history, scenarios that nothing can meet any more, launches of tokens that nobody has or
trades.
"""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows one batch removed."""

    orders: int
    events: int


def prune(placed_before: datetime, batch: int) -> Iterator[Pruned]:
    """Removes orders that were placed before that time and have ended, and what else is as old, at
    most `batch` rows of a table in a transaction.

    Yields after each transaction. Orders that have not ended stay, as do the money of accounts and
    the counters of all orders ever executed. Raises `StoreUnavailable`.
    """
    before = first_uuid7(placed_before)
    for outcome in (status for status in Status if status in TERMINAL):
        pruned = None
        while pruned is None or pruned.orders == batch:
            pruned = _prune_batch(outcome, before, batch)
            yield pruned
    for statement in BY_AGE:
        while _prune_by_age(statement, placed_before, batch) == batch:
            yield Pruned(0, 0)


def _prune_by_age(statement: str, before: datetime, batch: int) -> int:
    with connection():
        return int(database.execute_sql(statement, (before, batch)).rowcount)


def _prune_batch(outcome: Status, before: UUID, batch: int) -> Pruned:
    with connection():
        rows = database.execute_sql(OLD, (outcome, before, batch)).fetchall()
        return _remove([row[0] for row in rows]) if rows else Pruned(0, 0)


def _remove(ids: list[UUID]) -> Pruned:
    # In commits of their own, because the ledger belongs to the chain. The orders go last: as long
    # as they are there, the next run finds again what a crash has left.
    for statement in DELETE_OF_CHAIN:
        database.execute_sql(statement, (ids,))
    failpoints.point("before_pruned")
    with database.atomic():
        # Allows deleting from the append-only log in this transaction alone; see its migration.
        database.execute_sql("SET LOCAL orders.pruning = 'on'")
        events = database.execute_sql(DELETE_EVENTS, (ids,)).rowcount
        removed = database.execute_sql(DELETE_ORDERS, (ids,)).fetchall()
        groups = [group for (group,) in removed if group is not None]
        if groups:
            database.execute_sql(DELETE_GROUPS, (groups,))
    failpoints.point("after_pruned")
    observe.orders_pruned(len(removed), events)
    return Pruned(len(removed), events)
