"""What happens after a commit: events go to the live feed, wake-ups to the queue.

One command to Redis for a whole batch. Redis away delays, but fails nobody: streams repair
themselves from PostgreSQL and recovery sends lost wake-ups again. So nobody needs to wait for it
either: a web process answers first (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Sequence
from queue import Queue
from threading import Event as ThreadEvent
from threading import Thread
from uuid import UUID

from redis import Redis, RedisError

from orders.config import Settings
from orders.domain import exact_json, failpoints
from orders.domain.events import Event
from orders.messaging.live_feed import channel_of, money_channel_of
from orders.messaging.queue import OrderQueue
from orders.observability import observe

SEND = """
for i = 2, #KEYS do redis.call('PUBLISH', KEYS[i], ARGV[i - 1]) end
for i = #KEYS, #ARGV do redis.call('LPUSH', KEYS[1], ARGV[i]) end
"""
"""KEYS: the queue, then a channel for each event; ARGV: the events, then the wake-ups.
One reply for all, where a pipeline has one for each."""

_Batch = tuple[Sequence[Event], Sequence[UUID]]


class Publisher:
    """Sends events and wake-ups; never raises."""

    def __init__(self, settings: Settings, queue: OrderQueue) -> None:
        self._queue = queue
        self._redis = Redis(connection_pool=queue.pool)
        self._send_script = self._redis.register_script(SEND)

    def publish(self, events: Sequence[Event], wake_ups: Sequence[UUID]) -> None:
        """Sends all of it in order, or drops it with a log line if Redis is away."""
        if self._queue.breaker.is_open:
            observe.redis_skipped(len(events), len(wake_ups))
            return
        keys = [self._queue.key, *(channel_of(event) for event in events)]
        messages = [exact_json.encode(event.message()) for event in events]
        messages += [self._queue.message(order_id) for order_id in wake_ups]
        try:
            self._send_script(keys, messages)
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, len(events), len(wake_ups))

    def publish_money(self, account_id: UUID) -> None:
        """Tells that an account's money moved without an order, or drops it if Redis is away."""
        if self._queue.breaker.is_open:
            return
        try:
            self._redis.publish(money_channel_of(account_id), b"")
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, 1, 0)

    def close(self) -> None:
        """Closes the connection; a later event opens it again."""
        self._redis.close()


class BackgroundPublisher(Publisher):
    """Sends in a thread of its own, in order, what the caller only hands over.

    All that has gathered meanwhile goes in one command. Once `publish_backlog` commits wait, the
    caller waits too.
    """

    def __init__(self, settings: Settings, queue: OrderQueue) -> None:
        super().__init__(settings, queue)
        self._backlog: Queue[_Batch | None] = Queue(settings.publish_backlog)
        self._ended = ThreadEvent()
        Thread(target=self._send_all, name="publisher", daemon=True).start()

    def publish(self, events: Sequence[Event], wake_ups: Sequence[UUID]) -> None:
        """Returns before any of it is sent."""
        self._backlog.put((events, wake_ups))

    def close(self) -> None:
        """Sends what was handed over, or drops it if Redis is away; then closes the connection.

        Nothing is sent after that.
        """
        if not self._ended.is_set():
            self._backlog.put(None)
            self._ended.wait()
        super().close()

    def _send_all(self) -> None:
        closing = False
        while not closing:
            taken = [self._backlog.get()]
            taken += [self._backlog.get() for _ in range(self._backlog.qsize())]
            batches = [batch for batch in taken if batch is not None]
            closing = len(batches) < len(taken)
            failpoints.point("before_publishing")
            try:
                self._send(batches)
            except Exception as error:
                observe.internal_error("publisher", error)
        self._ended.set()

    def _send(self, batches: list[_Batch]) -> None:
        events = [event for batch in batches for event in batch[0]]
        if events:
            super().publish(events, [wake_up for batch in batches for wake_up in batch[1]])
