"""Delivers what is due to one endpoint, each order's events in sequence, until its turn ends.

One process at a time has an endpoint, under a lease. If it is killed, the lease runs out, and
messages that were sent but not recorded are sent again. A failed delivery waits longer each time,
and with it the later events of its order. Those of other orders go on, until several in a row fail:
then the whole endpoint waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import UUID

from orders.accounts.webhooks.lease import Lease, LeaseLost
from orders.accounts.webhooks.sending import Message, Sender
from orders.config import Settings
from orders.domain import exact_json
from orders.domain.amounts import with_strings
from orders.domain.clock import Clock, Deadline
from orders.domain.errors import StoreUnavailable
from orders.observability import observe
from orders.storage.database import connection, database
from orders.storage.history import read_history

HEADS = 50
"""Deliveries that are read at once, each for a different order."""

DUE_HEADS = """
SELECT order_id, sequence FROM webhook_deliveries AS head
WHERE endpoint_id = %(endpoint)s AND status = 'pending' AND due_at <= %(now)s
AND NOT EXISTS (
    SELECT FROM webhook_deliveries AS earlier
    WHERE earlier.endpoint_id = head.endpoint_id AND earlier.status = 'pending'
    AND earlier.order_id = head.order_id AND earlier.sequence < head.sequence
)
ORDER BY attempts, id LIMIT %(most)s
"""
"""The first undelivered event of each order, if it is due; those that failed before come last."""


class Deliveries:
    """Sends to endpoints, each on a thread of its own. One per process.

    So a slow receiver delays none of the workers that execute orders.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._places = threading.BoundedSemaphore(settings.webhook_parallel)
        self._stopping = threading.Event()

    def start(self, endpoint_id: UUID) -> bool:
        """Starts delivering what is due to the endpoint, and returns at once.

        Returns False if this process sends to as many endpoints as it may: the watcher asks again.
        """
        if self._stopping.is_set() or not self._places.acquire(blocking=False):
            return False
        threading.Thread(target=self._run, args=(endpoint_id,), daemon=True).start()
        return True

    def stop(self) -> None:
        """Lets every thread finish its message and give its endpoint back, so that another process
        can continue at once.
        """
        self._stopping.set()
        deadline = Deadline(self._settings.webhook_timeout_s)
        for _ in range(self._settings.webhook_parallel):
            self._places.acquire(timeout=deadline.left_s)

    def _run(self, endpoint_id: UUID) -> None:
        try:
            self.deliver(endpoint_id)
        except StoreUnavailable as error:
            observe.store_unavailable("webhooks", error)
        except Exception as error:
            observe.internal_error("webhooks", error)
        finally:
            self._places.release()

    def deliver(self, endpoint_id: UUID) -> None:
        """Delivers what is due to the endpoint, unless another process does so.

        Raises `StoreUnavailable`.
        """
        endpoint = Lease.take(self._settings, self._clock, endpoint_id)
        if endpoint is None:
            return
        sender = Sender(self._settings, endpoint.url)
        stop_at = time.monotonic() + self._settings.webhook_turn_s
        try:
            turn = Turn(
                endpoint,
                sender,
                self._clock,
                lambda: self._stopping.is_set() or time.monotonic() > stop_at,
            )
            while turn.deliver_some():
                pass
            endpoint.give_back()
        except LeaseLost:
            return
        finally:
            sender.close()


class Turn:
    """Sends one event after another while the lease is held."""

    def __init__(
        self, lease: Lease, sender: Sender, clock: Clock, is_over: Callable[[], bool]
    ) -> None:
        self._lease = lease
        self._sender = sender
        self._clock = clock
        self._is_over = is_over

    def deliver_some(self) -> bool:
        """Delivers the first event of each order that has one.

        Returns False if nothing more is due or the turn is over. Raises `LeaseLost`.
        """
        values = {"endpoint": self._lease.endpoint_id, "now": self._clock.now(), "most": HEADS}
        with connection():
            heads = database.execute_sql(DUE_HEADS, values).fetchall()
        for order_id, sequence in heads:
            self._deliver_one(order_id, sequence)
            if self._lease.must_wait or self._is_over():
                return False
        return bool(heads)

    def _deliver_one(self, order_id: UUID, sequence: int) -> None:
        with connection():
            events = read_history(order_id, sequence - 1, sequence)
        if not events:
            return self._lease.record_dropped(order_id, sequence)
        event = events[0].message()
        body = exact_json.encode(with_strings(event) if self._lease.strings else event)
        message = Message(f"{order_id}:{sequence}", body)
        began = time.monotonic()
        outcome = self._sender.send(message, self._lease.secrets(), self._clock.now())
        observe.webhook_sent(message.id, outcome.error, time.monotonic() - began)
        if outcome.delivered:
            return self._lease.record_success(order_id, sequence, outcome.status)
        return self._lease.record_failure(order_id, sequence, outcome)
