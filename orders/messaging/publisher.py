"""What happens after a commit: events go to the live feed, wake-ups to the queue.

One message carries all events of a batch, one command all wake-ups. Redis away delays, but fails
nobody: streams repair themselves from PostgreSQL and recovery sends lost wake-ups again. So nobody
needs to wait for it either: a web process answers first (docs/decisions/0011).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from queue import Queue
from threading import Event as ThreadEvent
from threading import Thread
from uuid import UUID

from redis import Redis, RedisError

from orders.config import Settings
from orders.domain import failpoints
from orders.domain.events import Event
from orders.messaging.dedicated_connection import DedicatedConnection
from orders.messaging.live_feed import EVENTS, MONEY, pack
from orders.messaging.queue import OrderQueue
from orders.observability import observe

_Batch = tuple[Sequence[Event], Sequence[UUID]]


class Publisher:
    """Sends events and wake-ups; never raises."""

    def __init__(self, settings: Settings, queue: OrderQueue) -> None:
        self._queue = queue
        self._redis = Redis(connection_pool=queue.pool)

    def publish(self, events: Sequence[Event], wake_ups: Sequence[UUID]) -> None:
        """Sends all of it in order, or drops it with a log line if Redis is away."""
        if self._queue.breaker.is_open:
            observe.redis_skipped(len(events), len(wake_ups))
            return
        message = pack(event for event in events if not event.withheld)
        try:
            if wake_ups:
                self._publish_and_wake(message, wake_ups)
            else:
                self._tell(message)
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, len(events), len(wake_ups))

    def _publish_and_wake(self, message: bytes, wake_ups: Sequence[UUID]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.publish(EVENTS, message)
            pipeline.lpush(self._queue.key, *map(self._queue.message, wake_ups))
            pipeline.execute()

    def _tell(self, message: bytes) -> None:
        self._redis.publish(EVENTS, message)

    def give_way(self) -> None:
        """Lets what was handed over go first; all of it is sent already."""

    def publish_money(self, account_id: UUID) -> None:
        """Tells that an account's money moved without an order, or drops it if Redis is away."""
        if self._queue.breaker.is_open:
            return
        try:
            self._redis.publish(MONEY, str(account_id))
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, 1, 0)

    def close(self) -> None:
        """Closes the connection; a later event opens it again."""
        self._redis.close()


class BackgroundPublisher(Publisher):
    """Sends in a thread of its own, in order, what the caller only hands over.

    All that has gathered meanwhile goes in one command. Once `publish_backlog` commits wait, the
    caller waits too. With `goes_first`, as in workers, a caller that gives way lets it send before
    going on itself; a web process answers first.
    """

    def __init__(self, settings: Settings, queue: OrderQueue, goes_first: bool = False) -> None:
        super().__init__(settings, queue)
        self._goes_first = goes_first
        self._connection = DedicatedConnection(queue.pool)
        self._backlog: Queue[_Batch | UUID | None] = Queue(settings.publish_backlog)
        self._ended = ThreadEvent()
        Thread(target=self._send_all, name="publisher", daemon=True).start()

    def publish(self, events: Sequence[Event], wake_ups: Sequence[UUID]) -> None:
        """Returns before any of it is sent."""
        self._backlog.put((events, wake_ups))

    def publish_money(self, account_id: UUID) -> None:
        """Returns before it is told."""
        self._backlog.put(account_id)

    def give_way(self) -> None:
        """Yields to the sending thread, if it is to go first."""
        if self._goes_first:
            time.sleep(0)

    def close(self) -> None:
        """Sends what was handed over, or drops it if Redis is away; then closes the connection.

        Nothing is sent after that.
        """
        if not self._ended.is_set():
            self._backlog.put(None)
            self._ended.wait()
        self._connection.close()
        super().close()

    def _tell(self, message: bytes) -> None:
        # A message that comes twice does no harm: whoever listens knows an event by its number.
        self._connection.ask("PUBLISH", EVENTS, message)

    def _send_all(self) -> None:
        closing = False
        while not closing:
            taken = [self._backlog.get()]
            taken += [self._backlog.get() for _ in range(self._backlog.qsize())]
            closing = None in taken
            failpoints.point("before_publishing")
            for account_id in {each for each in taken if isinstance(each, UUID)}:
                super().publish_money(account_id)
            try:
                self._send([each for each in taken if isinstance(each, tuple)])
            except Exception as error:
                observe.internal_error("publisher", error)
        self._ended.set()

    def _send(self, batches: list[_Batch]) -> None:
        events = [event for batch in batches for event in batch[0]]
        if events:
            super().publish(events, [wake_up for batch in batches for wake_up in batch[1]])
