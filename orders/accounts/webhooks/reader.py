"""Reads new events and queues a delivery of each for the endpoints that want it.

Events become visible when their transactions commit, which need not be in the order of their times.
So they are read in the order of their transactions' ids, and only below the oldest transaction that
still runs: nothing can appear there any more (docs/decisions/0020).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orders.storage.database import connection, database

LAST = str(2**64 - 1)
"""The greatest transaction id there can be."""
READ_EVENTS = 1_000
"""Events that one read takes, besides whatever else their last transaction stored."""

POSITION = "SELECT read_up_to::text FROM webhook_reader WHERE id = 1 FOR UPDATE"
STARTED = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
"""No transaction with this id or a higher one has begun."""
ANYBODY = "SELECT EXISTS (SELECT FROM webhook_endpoints)"
SETTLED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
"""Every transaction below this id has ended, and what it stored is visible."""

BATCH_END = """
SELECT transaction_id::text FROM order_events
WHERE transaction_id > %(after)s::xid8 AND transaction_id < %(settled)s::xid8
ORDER BY order_events.transaction_id OFFSET %(most)s LIMIT 1
"""
"""The transaction at which a read stops if it does not reach the newest event."""
NEWEST = """
SELECT transaction_id::text FROM order_events WHERE transaction_id < %(settled)s::xid8
ORDER BY order_events.transaction_id DESC LIMIT 1
"""

QUEUE = """
WITH changed AS MATERIALIZED (
    SELECT order_id, max(sequence) AS last FROM order_events
    WHERE transaction_id > %(after)s::xid8 AND transaction_id <= %(stop)s::xid8
    AND at > (SELECT read_after FROM webhook_reader)
    GROUP BY order_id
)
INSERT INTO webhook_deliveries (endpoint_id, order_id, sequence, due_at, created_at)
SELECT endpoint.id, event.order_id, event.sequence, %(now)s, %(now)s
FROM changed
JOIN orders ON orders.id = changed.order_id
JOIN webhook_endpoints AS endpoint ON endpoint.account_id = orders.account_id
JOIN order_events AS event ON event.order_id = changed.order_id
    AND event.sequence <= changed.last AND event.transaction_id > %(after)s::xid8
WHERE (endpoint.events IS NULL OR event.status = ANY(endpoint.events))
AND event.at > (SELECT read_after FROM webhook_reader)
ORDER BY event.transaction_id, event.order_id, event.sequence
ON CONFLICT DO NOTHING
"""
"""An order's later event may have the lower transaction id, if its transaction began first and then
waited for the order's row. So an order's earlier events are read together with a later one.
"""

ADVANCE = "UPDATE webhook_reader SET read_up_to = %(stop)s::xid8 WHERE id = 1"
RESTORED = """
UPDATE webhook_reader SET read_up_to = '0', read_after = newest.at
FROM (SELECT at FROM order_events WHERE transaction_id >= %(started)s::xid8
      ORDER BY transaction_id DESC LIMIT 1) AS newest
"""
"""Events restored from a backup have another server's transaction ids, so only their time tells
them from newer ones.
"""


def read_new_events(now: datetime, most: int = READ_EVENTS) -> bool:
    """Queues the events stored since the last read; False if there are more to read.

    Raises `StoreUnavailable`.
    """
    with connection(), database.atomic():
        span = {"after": _ask(POSITION), "settled": _ask(SETTLED), "most": most, "now": now}
        span["started"] = _ask(STARTED)
        if int(span["after"]) >= int(span["started"]):
            return _begin_anew(span)
        wanted = _ask(ANYBODY)
        # Without an endpoint, skip to the end.
        batch_end = _ask(BATCH_END, span) if wanted else None
        span["stop"] = batch_end or _ask(NEWEST, span)
        if span["stop"] is None or int(span["stop"]) <= int(span["after"]):
            return True
        if wanted:
            database.execute_sql(QUEUE, span)
        database.execute_sql(ADVANCE, span)
        return batch_end is None


def _begin_anew(span: dict[str, Any]) -> bool:
    """Starts over after a restore from another server, whose transaction ids were higher.

    Queues what had not been read there, then reads this server's transactions from the first on.
    """
    span["stop"] = _ask(NEWEST, {"settled": LAST})
    if span["stop"] is not None:
        database.execute_sql(QUEUE, span)
    if not database.execute_sql(RESTORED, span).rowcount:
        database.execute_sql(ADVANCE, {"stop": "0"})
    return False


def _ask(query: str, values: dict[str, Any] | None = None) -> Any:
    """The first column of the first row of the result."""
    row = database.execute_sql(query, values).fetchone()
    return row[0] if row else None
