"""The Huey queue, which wakes workers for orders.

Storage, message format and signing are Huey's own, so Huey's consumer and tools work with it. A
message names one order; everything else about the order is in PostgreSQL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Semaphore, Timer
from typing import Any
from uuid import UUID

from huey import Huey
from huey.registry import Message
from huey.serializer import SignedSerializer
from huey.storage import RedisStorage
from redis import ConnectionError, ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from orders.config import ConfigurationError, Settings
from orders.messaging.circuit_breaker import CircuitBreaker
from orders.messaging.request_connections import RequestConnections

SHARED_CONNECTIONS = 100
"""Connections to Redis of one process at most, beside the one of each of its workers."""
WAITING_AT_REDIS = 10
"""Workers of one process that wait for a message at the same time at most."""
LEAST_WAIT_S = 0.02
"""A message is in the schedule by then."""
DUE_MARGIN_S = 0.001
"""Timers may fire a moment early."""
EXECUTE_TASK = "tasks.execute_order"
"""The registered name of the task that a message asks for."""


def reconnect_once() -> Retry:
    """Replaces a connection that a restart of Redis cut; after a timeout it does not wait again."""
    return Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))


def redis_pool(settings: Settings) -> ConnectionPool:
    """A pool of Redis connections that give up after `redis_timeout_s` instead of hanging.

    Raises `ConfigurationError` if the address is missing or malformed.
    """
    if not settings.redis_url:
        raise ConfigurationError(
            "REDIS_URL is not set; `python app.py` starts a private server by itself."
        )
    try:
        return ConnectionPool.from_url(
            settings.redis_url,
            socket_timeout=settings.redis_timeout_s,
            socket_connect_timeout=settings.redis_timeout_s,
            retry=reconnect_once(),
            health_check_interval=30,
            max_connections=settings.worker_concurrency + SHARED_CONNECTIONS,
        )
    except ValueError:
        raise ConfigurationError(
            "REDIS_URL is not usable: give redis://host:port/0, rediss:// or unix:///path, and "
            "write @, :, / and % of a password as %40, %3A, %2F and %25."
        ) from None


class Storage(RedisStorage):  # type: ignore[misc]
    """Huey's queue and schedule in Redis, without its keys and values.

    Huey keeps results and revocations there. An order's result is in PostgreSQL, and so is its
    cancellation, where the worker sees it: Redis need not be asked before and after each task.

    At most `WAITING_AT_REDIS` of a process's workers wait for a message at the same time. The
    others wait for one of these to go, which costs neither CPU nor a connection.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting = Semaphore(WAITING_AT_REDIS)
        self.is_stopping: Callable[[], bool] = lambda: False
        """Whether the consumer is told to stop: then nobody waits any more."""

    def dequeue(self) -> bytes | None:
        """Takes a message; None if there is none within `read_timeout` seconds."""
        with self._waiting:
            if self.is_stopping():
                return None
            message: bytes | None = super().dequeue()
            return message

    def peek_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Find none of them."""
        return {}

    def delete_data(self, key: str) -> bool:
        """Find nothing to delete."""
        return False


class OrderQueue:
    """The orders' messages in Redis. Losing them loses no order: recovery sends them again."""

    def __init__(self, settings: Settings) -> None:
        self.pool = redis_pool(settings)
        self.huey = Huey(
            "orders",
            results=False,
            serializer=SignedSerializer(secret=settings.secret_key, salt="orders-queue"),
            storage_class=Storage,
            connection_pool=self.pool,
        )
        self.redis: Redis = self.huey.storage.conn
        self.key: str = self.huey.storage.queue_key
        """The list in Redis that holds the messages."""
        self.breaker = CircuitBreaker(self.redis.ping)
        self.for_requests = RequestConnections(self.pool, self.breaker, settings.redis_patience_s)
        """The connections for what requests ask Redis."""

    def message(self, subject: UUID, task: str = EXECUTE_TASK) -> bytes:
        """The Huey message that makes a worker run the task for its subject: execute the order."""
        name = str(subject)
        wanted = Message(id=name, name=task, retries=0, retry_delay=0, args=(name,), kwargs={})
        signed: bytes = self.huey.serializer.serialize(wanted)
        return signed

    def add(self, order_ids: Iterable[UUID]) -> None:
        """Wakes workers for these orders now. Raises `redis.RedisError`."""
        messages = [self.message(order_id) for order_id in order_ids]
        if messages:
            self.redis.lpush(self.key, *messages)

    def due_in(self, wait_s: float) -> datetime:
        """The time, in UTC, for which to schedule a message that waits for `wait_s`.

        This process then moves it from the schedule to the queue. Huey's scheduler, which does so
        once a second, is for messages whose process has ended.
        """
        timer = Timer(max(wait_s, LEAST_WAIT_S) + DUE_MARGIN_S, self._hand_out_due)
        timer.daemon = True
        due = datetime.now(UTC) + timedelta(seconds=wait_s)
        timer.start()
        return due

    def _hand_out_due(self) -> None:
        with contextlib.suppress(RedisError):
            for task in self.huey.read_schedule():
                self.huey.enqueue(task)

    def depth(self) -> int:
        """Counts the messages that wait for a worker. Raises `redis.RedisError`."""
        return int(self.for_requests.ask("LLEN", self.key))

    def waiting_ids(self) -> set[UUID]:
        """The orders that have a message in the queue or in the schedule. Raises
        `redis.RedisError`.
        """
        self.breaker.check()
        storage = self.huey.storage
        raw = [*storage.enqueued_items(), *storage.scheduled_items()]
        return {UUID(self.huey.serializer.deserialize(message).id) for message in raw}
