"""The watcher's duty for webhooks: queues new events and wakes workers for due endpoints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from redis import RedisError

from orders.accounts.webhooks.reader import read_new_events
from orders.config import Settings
from orders.domain.clock import Clock
from orders.storage.database import connection, database

WOKEN_AT_ONCE = 200
READINGS = 5
"""Most reads of new events in one turn, so that the watcher's other duties get theirs."""
WAKE_GRACE_S = 2
"""Seconds within which a woken worker must begin before one is asked again."""
FORGOTTEN_AT_ONCE = 1_000

DUE = """
UPDATE webhook_endpoints SET due_at = %(again)s WHERE id IN (
    SELECT id FROM webhook_endpoints AS endpoint
    WHERE status = 'active' AND due_at <= %(now)s
    AND (leased_until IS NULL OR leased_until <= %(now)s)
    AND EXISTS (
        SELECT FROM webhook_deliveries
        WHERE endpoint_id = endpoint.id AND status = 'pending' AND due_at <= %(now)s
    )
    ORDER BY due_at LIMIT %(most)s
)
RETURNING id
"""
FORGET = """
DELETE FROM webhook_deliveries WHERE (endpoint_id, order_id, sequence) IN (
    SELECT endpoint_id, order_id, sequence FROM webhook_deliveries
    WHERE created_at < %s ORDER BY created_at LIMIT %s
)
"""


class Dispatcher:
    """Finds what webhooks must be sent.

    `wake` makes a worker deliver to an endpoint, and does nothing while it is asked to already.
    """

    def __init__(self, settings: Settings, clock: Clock, wake: Callable[[UUID], object]) -> None:
        self._settings = settings
        self._clock = clock
        self._wake = wake

    def tick(self) -> int:
        """Runs each step once; returns how many endpoints it asked workers to deliver to.

        While Redis is away nobody is woken, and nothing is lost. Raises `StoreUnavailable`.
        """
        for _ in range(READINGS):
            if read_new_events(self._clock.now()):
                break
        due = self._due(self._clock.now())
        try:
            for endpoint_id in due:
                self._wake(endpoint_id)
        except RedisError:
            return 0
        return len(due)

    def forget(self) -> int:
        """Removes deliveries that are older than `webhook_keep_s`, a bounded number at a time."""
        oldest = self._clock.now() - timedelta(seconds=self._settings.webhook_keep_s)
        with connection():
            return int(database.execute_sql(FORGET, (oldest, FORGOTTEN_AT_ONCE)).rowcount)

    def _due(self, now: datetime) -> list[UUID]:
        again = now + timedelta(seconds=WAKE_GRACE_S)
        values = {"now": now, "again": again, "most": WOKEN_AT_ONCE}
        with connection():
            return [row[0] for row in database.execute_sql(DUE, values).fetchall()]
