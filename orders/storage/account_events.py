"""Numbers the events of an account's orders, so that clients that follow the account miss none.

Many processes store events at once. To give numbers without gaps at that moment, the orders of an
account would have to wait for each other. So whoever reads first numbers the events afterwards,
under a lock: each event once, and those of one order in sequence. New events are found by the ids
of the transactions that stored them. A transaction that still runs may yet bring events with a
lower id than the newest (docs/decisions/0020), so everything after the oldest such transaction is
read again. Only the events of accounts that somebody has followed are numbered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import IntegrityError

from orders.domain.errors import NoSuchAccount
from orders.domain.events import Event
from orders.storage.database import connection, database

NUMBERED_AT_ONCE = 1_000
"""Events that one read takes, besides whatever else their last transaction stored."""
READINGS = 100
"""Reads that one call makes at most."""

OPEN = """
INSERT INTO account_feeds (account_id, created_at) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""
POSITION = "SELECT read_up_to::text, read_after FROM account_feed_reader WHERE id = 1 FOR UPDATE"
SNAPSHOT = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text,
    EXISTS (SELECT FROM account_feeds)
"""
"""Every transaction below the first id has ended; none from the second id on has begun."""
BATCH_END = """
SELECT transaction_id::text FROM order_events WHERE transaction_id > %(after)s::xid8
ORDER BY order_events.transaction_id OFFSET %(most)s LIMIT 1
"""
NUMBER = """
WITH changed AS MATERIALIZED (
    SELECT order_id, max(sequence) AS last FROM order_events
    WHERE transaction_id > %(after)s::xid8 AND transaction_id <= %(stop)s::xid8
    AND at > %(since)s
    GROUP BY order_id
), fresh AS MATERIALIZED (
    SELECT feed.account_id, event.order_id, event.sequence, event.at,
        max(event.transaction_id::text::numeric)
            OVER (PARTITION BY event.order_id ORDER BY event.sequence) AS place
    FROM changed
    JOIN orders ON orders.id = changed.order_id
    JOIN account_feeds AS feed ON feed.account_id = orders.account_id
    JOIN order_events AS event ON event.order_id = changed.order_id
        AND event.sequence <= changed.last AND event.transaction_id > %(after)s::xid8
    WHERE event.at > %(since)s AND NOT EXISTS (
        SELECT FROM account_order_events AS known
        WHERE known.order_id = event.order_id AND known.order_sequence = event.sequence)
), counted AS (
    UPDATE account_feeds AS feed SET sequence = feed.sequence + news.events
    FROM (SELECT account_id, count(*) AS events FROM fresh GROUP BY account_id) AS news
    WHERE feed.account_id = news.account_id
    RETURNING feed.account_id, feed.sequence - news.events AS before
)
INSERT INTO account_order_events (account_id, sequence, order_id, order_sequence, at)
SELECT account_id, before + row_number() OVER (
        PARTITION BY account_id ORDER BY place, order_id, fresh.sequence),
    order_id, fresh.sequence, at
FROM fresh JOIN counted USING (account_id)
"""
"""An order's later event may have the lower transaction id, if its transaction began first and then
waited for the order's row. So an order's earlier events are read together with a later one.
"""
ADVANCE = """
UPDATE account_feed_reader SET read_up_to = settled.transaction_id
FROM (SELECT transaction_id FROM order_events
      WHERE transaction_id <= %(stop)s::xid8 AND transaction_id < %(settled)s::xid8
      ORDER BY order_events.transaction_id DESC LIMIT 1) AS settled
WHERE read_up_to < settled.transaction_id
"""
RESTORED = """
UPDATE account_feed_reader SET read_up_to = '0',
    read_after = coalesce(
        (SELECT max(at) FROM order_events WHERE transaction_id >= %(begun)s::xid8), read_after)
"""
"""Events restored from a backup have another server's transaction ids, so only their time tells
them from newer ones.
"""
LEAVE_A_GAP = "UPDATE account_feeds SET sequence = sequence + 1"
"""A number without an event tells returning clients that they may have missed something."""

SEQUENCES = "SELECT account_id, sequence FROM account_feeds WHERE account_id = ANY(%s)"
EVENTS = """
SELECT account.sequence, orders.client_order_id,
    event.order_id, event.sequence, event.status, event.at, event.data
FROM account_order_events AS account
JOIN order_events AS event
    ON event.order_id = account.order_id AND event.sequence = account.order_sequence
JOIN orders ON orders.id = event.order_id
WHERE account.account_id = %s AND account.sequence > %s
ORDER BY account.sequence LIMIT %s
"""
LAST = str(2**64 - 1)
"""The greatest transaction id there can be."""


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """An event of one of the account's orders, and its number among all of them."""

    sequence: int
    event: Event

    def message(self) -> dict[str, Any]:
        """The message for clients that follow the account."""
        return {**self.event.message(), "accountSequence": self.sequence}


def open_feed(account_id: UUID, at: datetime) -> None:
    """Starts numbering the events of the account's orders.

    Raises `NoSuchAccount`, `StoreUnavailable`.
    """
    try:
        with connection():
            database.execute_sql(OPEN, (account_id, at))
    except IntegrityError as error:
        raise NoSuchAccount() from error


def number_events(most: int = NUMBERED_AT_ONCE) -> None:
    """Numbers all events that are visible now. Raises `StoreUnavailable`."""
    for _ in range(READINGS):
        if _number_some(most):
            return


def read_account_sequences(account_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of the accounts' last events. Raises `StoreUnavailable`."""
    with connection():
        return dict(database.execute_sql(SEQUENCES, (list(account_ids),)).fetchall())


def read_account_events(account_id: UUID, after: int, limit: int) -> list[AccountEvent]:
    """The numbered events after that one, oldest first. Raises `StoreUnavailable`."""
    with connection():
        rows = database.execute_sql(EVENTS, (account_id, after, limit)).fetchall()
    return [
        AccountEvent(number, Event(order_id, sequence, status, at, data, client_order_id=own_id))
        for number, own_id, order_id, sequence, status, at, data in rows
    ]


def _number_some(most: int) -> bool:
    """Numbers at most that many events; returns whether those were all."""
    with connection(), database.atomic():
        after, since = database.execute_sql(POSITION).fetchone()
        # From here on this sees what others numbered before it had the lock.
        settled, begun, anybody = database.execute_sql(SNAPSHOT).fetchone()
        if int(after) >= int(begun):
            database.execute_sql(LEAVE_A_GAP)
            database.execute_sql(RESTORED, {"begun": begun})
            return False
        span = {"after": after, "since": since, "settled": settled, "most": most}
        batch_end = database.execute_sql(BATCH_END, span).fetchone() if anybody else None
        span["stop"] = batch_end[0] if batch_end else LAST
        if anybody:
            database.execute_sql(NUMBER, span)
        database.execute_sql(ADVANCE, span)
        return batch_end is None
