"""Finds orders that nobody works on: their worker died, a wake-up was lost, or time ran out.

Runs in the watcher. Delivering an order twice is harmless, because the second claim fails; but
thousands would flood the queue, so orders that already wait there are left alone.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

from redis import RedisError

from orders.config import Settings
from orders.domain.errors import DeadlineExceeded, WorkerLost
from orders.domain.lifecycle import Status
from orders.execution.run_each import run_each
from orders.messaging.queue import OrderQueue
from orders.observability import observe
from orders.storage.database import connection, database
from orders.storage.models import Order
from orders.storage.order_changes import Transition
from orders.storage.order_store import OrderStore

SWEEP_LIMIT = 1000
"""Orders of one kind that one sweep moves at most."""

OVERDUE = """
SELECT id FROM orders
WHERE in_flight
  AND ((due_at <= %s AND status = 'pending') OR (due_at <= %s AND status = 'submitted'))
LIMIT %s
"""
DELETE_EXPIRED_KEYS = """
DELETE FROM idempotency_keys
WHERE (scope, key) IN (SELECT scope, key FROM idempotency_keys WHERE expires_at <= %s LIMIT %s)
  AND expires_at <= %s
"""


class Recovery:
    """Moves overdue orders on. Each method returns how many orders it acted on."""

    def __init__(self, settings: Settings, order_store: OrderStore, queue: OrderQueue) -> None:
        self._settings = settings
        self._order_store = order_store
        self._queue = queue

    def sweep(self) -> int:
        """Runs each of the steps below once, even if one of them fails.

        Raises `StoreUnavailable`.
        """
        return run_each(
            (self.release_orphans, self.expire_resting, self.fail_overdue, self.repair_wake_ups)
        )

    def release_orphans(self) -> int:
        """Returns orders to pending whose worker died before anything was submitted."""
        now = self._order_store.now()
        held = Order.in_flight & Order.status.in_([Status.ROUTING, Status.BUILDING])
        orphans = self._due(held & (Order.due_at <= now))
        return self._advance_all([self._release(order, now) for order in orphans], "release")

    def expire_resting(self) -> int:
        """Expires resting orders that are past their time."""
        due = self._due(Order.rests_until <= self._order_store.now())
        return self._advance_all([Transition(order, Status.EXPIRED, {}) for order in due], "expire")

    def fail_overdue(self) -> int:
        """Fails pending orders that could not be executed for very long."""
        limit = self._order_store.now() - timedelta(seconds=self._settings.pending_timeout_s)
        waiting = Order.in_flight & (Order.status == Status.PENDING)
        overdue = self._due(waiting & (Order.due_at <= limit))
        return self._advance_all([_fail(order, DeadlineExceeded()) for order in overdue], "fail")

    def repair_wake_ups(self) -> int:
        """Wakes workers for orders that are due but have no message in the queue.

        Covers a Redis that lost everything, a worker killed between taking a message and claiming
        the order, and submitted orders whose worker died.
        """
        try:
            if not self._overdue_ids():
                return 0
            # The queue is read first: an order taken from it and claimed in between is then not
            # found in the database.
            waiting = self._queue.waiting_ids()
            lost = [order_id for order_id in self._overdue_ids() if order_id not in waiting]
            self._queue.add(lost)
        except RedisError:
            return 0
        for order_id in lost:
            observe.order_recovered(order_id, "due", "wake")
        return len(lost)

    def delete_expired_keys(self) -> bool:
        """Removes expired idempotency keys, a bounded number at a time; stops after
        `clean_up_stretch_s`.

        Returns False if there may be more.
        """
        stop_at = time.monotonic() + self._settings.clean_up_stretch_s
        while self._delete_some_keys() == SWEEP_LIMIT:
            if time.monotonic() > stop_at:
                return False
        return True

    def _delete_some_keys(self) -> int:
        now = self._order_store.now()
        with connection():
            return int(database.execute_sql(DELETE_EXPIRED_KEYS, (now, SWEEP_LIMIT, now)).rowcount)

    def _due(self, condition: object) -> list[Order]:
        with connection():
            query = Order.select().where(condition)
            return list(query.order_by(Order.due_at).limit(SWEEP_LIMIT))

    def _overdue_ids(self) -> list[UUID]:
        now = self._order_store.now()
        late = now - timedelta(seconds=self._settings.wake_grace_s)
        with connection():
            arguments = (late, now, self._settings.max_queue_depth)
            return [row[0] for row in database.execute_sql(OVERDUE, arguments).fetchall()]

    def _release(self, order: Order, now: datetime) -> Transition:
        """Returns one order to pending. A crash spends no retry, but crashes are bounded, too."""
        if order.recoveries >= self._settings.max_recoveries:
            return _fail(order, WorkerLost())
        error = WorkerLost()
        return Transition(
            order,
            Status.PENDING,
            {
                "attempt": order.attempts,
                "error": {"code": error.code, "message": str(error)},
                "retryAt": now,
            },
            due_at=now,
            changes={"attempts": order.attempts - 1, "recoveries": order.recoveries + 1},
        )

    def _advance_all(self, transitions: list[Transition], action: str) -> int:
        if not transitions:
            return 0
        previous = {transition.order.id: str(transition.order.status) for transition in transitions}
        moved = self._order_store.advance_all(transitions)
        for order_id in moved:
            observe.order_recovered(order_id, previous[order_id], action)
        return len(moved)


def _fail(order: Order, error: DeadlineExceeded | WorkerLost) -> Transition:
    return Transition(
        order,
        Status.FAILED,
        {"error": {"code": error.code, "message": str(error)}, "attempts": order.attempts},
        changes={"fail_code": error.code, "fail_reason": str(error)},
    )
