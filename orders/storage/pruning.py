"""Removes orders that ended long ago, with all that belongs to them, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
DELETE_TRANSACTIONS = "DELETE FROM chain.transactions WHERE order_id = ANY(%s::uuid[])"

DELETE_WALLET_EVENTS = """
DELETE FROM wallet_events WHERE (wallet, sequence) IN (
    SELECT wallet, sequence FROM wallet_events WHERE at < %s LIMIT %s)
"""
DELETE_ACCOUNT_EVENTS = """
DELETE FROM account_order_events WHERE (account_id, sequence) IN (
    SELECT account_id, sequence FROM account_order_events WHERE at < %s LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows one batch removed."""

    orders: int
    events: int


def prune(placed_before: datetime, batch: int) -> Iterator[Pruned]:
    """Removes orders that were placed before that time and have ended, at most `batch` a
    transaction.

    Yields after each transaction. Orders that have not ended stay, as do the counters of all orders
    ever executed. Raises `StoreUnavailable`.
    """
    before = first_uuid7(placed_before)
    for outcome in (status for status in Status if status in TERMINAL):
        pruned = None
        while pruned is None or pruned.orders == batch:
            pruned = _prune_batch(outcome, before, batch)
            yield pruned
    for statement in (DELETE_WALLET_EVENTS, DELETE_ACCOUNT_EVENTS):
        while _prune_account_streams(statement, placed_before, batch) == batch:
            yield Pruned(0, 0)


def _prune_account_streams(statement: str, before: datetime, batch: int) -> int:
    """What live streams could still tell of accounts; ledger and orders stay."""
    with connection():
        return int(database.execute_sql(statement, (before, batch)).rowcount)


def _prune_batch(outcome: Status, before: UUID, batch: int) -> Pruned:
    with connection():
        rows = database.execute_sql(OLD, (outcome, before, batch)).fetchall()
        return _remove([row[0] for row in rows]) if rows else Pruned(0, 0)


def _remove(ids: list[UUID]) -> Pruned:
    with database.atomic():
        # Allows deleting from the append-only log in this transaction alone; see its migration.
        database.execute_sql("SET LOCAL orders.pruning = 'on'")
        events = database.execute_sql(DELETE_EVENTS, (ids,)).rowcount
        removed = database.execute_sql(DELETE_ORDERS, (ids,)).fetchall()
        groups = [group for (group,) in removed if group is not None]
        if groups:
            database.execute_sql(DELETE_GROUPS, (groups,))
    # Removed separately, after the orders: the ledger belongs to the chain.
    database.execute_sql(DELETE_TRANSACTIONS, (ids,))
    observe.orders_pruned(len(removed), events)
    return Pruned(len(removed), events)
