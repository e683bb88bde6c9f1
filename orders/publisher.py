"""What happens after a commit: events go to the live feed, wake-ups to the queue.

One Redis round trip for a whole batch. Redis away delays, but fails nobody: streams repair
themselves from PostgreSQL and recovery sends lost wake-ups again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis import Redis, RedisError
from socketio import RedisManager

from orders import exact_json, observe
from orders.config import Settings
from orders.events import Event
from orders.queue import OrderQueue

CHANNEL = "flask-socketio"
"""The channel of the Socket.IO message queue; Flask-SocketIO's default."""


class EventEmitter(RedisManager):
    """Socket.IO's own Redis message queue, writing many messages in one round trip."""

    def __init__(self, url: str) -> None:
        super().__init__(url, channel=CHANNEL, write_only=True, json=exact_json)

    def add_to(self, pipeline: Any, event: Event) -> None:
        """Adds an event to a Redis pipeline, in the form Socket.IO's manager publishes.

        `feed` is ours: it names the list feed that shows the order.
        """
        message = {
            "method": "emit",
            "event": "order_update",
            "room": str(event.order_id),
            "feed": str(event.account_id) if event.account_id else None,
            "data": [event.message()],
            "binary": False,
            "namespace": "/",
            "skip_sid": None,
            "callback": None,
            "host_id": self.host_id,
        }
        pipeline.publish(self.channel, exact_json.encode(message))


class Publisher:
    """Sends events and wake-ups; never raises."""

    def __init__(self, settings: Settings, queue: OrderQueue) -> None:
        self._queue = queue
        self._redis: Redis = queue.redis
        self._emitter = EventEmitter(settings.redis_url)

    def publish(self, events: Sequence[Event], wake_ups: Sequence[UUID]) -> None:
        """Sends all of it in order, or drops it with a log line if Redis is away."""
        if self._queue.breaker.is_open:
            observe.redis_skipped(len(events), len(wake_ups))
            return
        try:
            pipeline = self._redis.pipeline(transaction=False)
            for event in events:
                self._emitter.add_to(pipeline, event)
            self._queue.add_to(pipeline, wake_ups)
            pipeline.execute()
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, len(events), len(wake_ups))
