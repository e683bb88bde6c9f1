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

from redis import RedisError
from socketio import RedisManager

from orders.config import Settings
from orders.domain import exact_json, failpoints
from orders.domain.events import Event
from orders.messaging.dedicated_connection import DedicatedConnection
from orders.messaging.queue import OrderQueue
from orders.messaging.terms import Packed
from orders.observability import observe

CHANNEL = "flask-socketio"
"""The channel of the Socket.IO message queue; Flask-SocketIO's default."""

SEND = """
local events = tonumber(ARGV[2])
for i = 3, 2 + events do redis.call('PUBLISH', ARGV[1], ARGV[i]) end
for i = 3 + events, #ARGV do redis.call('LPUSH', KEYS[1], ARGV[i]) end
"""
"""One reply for all, where a pipeline has one for each: every reply costs more than its command."""


WakeUp = tuple[UUID, Packed | None]
"""An order that a worker is to take up, and its terms if it is new."""
_Batch = tuple[Sequence[Event], Sequence[WakeUp]]


class EventEmitter(RedisManager):
    """Socket.IO's own Redis message queue, of which only the form of the messages is used."""

    def __init__(self, url: str) -> None:
        super().__init__(url, channel=CHANNEL, write_only=True, json=exact_json)

    def encode(self, event: Event) -> bytes:
        """An event in the form that Socket.IO's manager publishes.

        `feed` is ours: it names the list feed that shows the order.
        """
        message = event.message()
        return exact_json.encode(
            {
                "method": "emit",
                "event": "order_update",
                "room": message["orderId"],
                "feed": str(event.account_id) if event.account_id else None,
                "data": [message],
                "binary": False,
                "namespace": "/",
                "skip_sid": None,
                "callback": None,
                "host_id": self.host_id,
            }
        )


class Publisher:
    """Sends events and wake-ups; never raises. Only one thread at a time may use it."""

    def __init__(self, settings: Settings, queue: OrderQueue) -> None:
        self._queue = queue
        self._emitter = EventEmitter(settings.redis_url)
        self._connection = DedicatedConnection(queue.pool)

    def publish(self, events: Sequence[Event], wake_ups: Sequence[WakeUp]) -> None:
        """Sends all of it in order, or drops it with a log line if Redis is away."""
        if self._queue.breaker.is_open:
            observe.redis_skipped(len(events), len(wake_ups))
            return
        command = (
            "EVAL", SEND, 1, self._queue.key, CHANNEL, len(events),
            *(self._emitter.encode(event) for event in events),
            *(self._queue.message(order_id, terms) for order_id, terms in wake_ups),
        )  # fmt: skip
        try:
            self._connection.ask(*command)
        except RedisError as error:
            self._queue.breaker.trip()
            observe.redis_failed(error, len(events), len(wake_ups))

    def close(self) -> None:
        """Closes the connection; a later event opens it again."""
        self._connection.close()


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

    def publish(self, events: Sequence[Event], wake_ups: Sequence[WakeUp]) -> None:
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
