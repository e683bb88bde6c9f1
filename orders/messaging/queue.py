"""The Huey queue: how orders wake a worker up, and what waits in it.

Huey's own message format is kept, so Huey's consumer, scheduler and tools work unchanged; only
the sending is done here, many messages in one round trip.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from huey import Huey
from huey.registry import Message
from huey.serializer import SignedSerializer
from huey.storage import RedisStorage
from redis import ConnectionError, ConnectionPool, Redis, RedisError
from redis import TimeoutError as RedisTimeout
from redis.backoff import NoBackoff
from redis.retry import Retry

from orders.config import Settings
from orders.domain.waiting import green, outside
from orders.messaging.circuit_breaker import CircuitBreaker
from orders.messaging.consumer import OrderConsumer
from orders.messaging.dedicated_connection import DedicatedConnection
from orders.messaging.green_threads import GreenThreads
from orders.messaging.terms import Packed

SHARED_CONNECTIONS = 100
"""Connections to Redis of one process at most, beside those of its orders in flight."""
EXECUTE_TASK = "tasks.execute_order"
"""The registered name of the task that a message asks for."""

_ORDER_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def reconnect_once() -> Retry:
    """Replaces a connection that a restart of Redis has cut; a timeout is not waited for twice."""
    return Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))


def redis_pool(settings: Settings) -> ConnectionPool:
    """Connections to Redis that give up within `redis_timeout_s` instead of hanging."""
    return ConnectionPool.from_url(
        settings.redis_url,
        socket_timeout=settings.redis_timeout_s,
        socket_connect_timeout=settings.redis_timeout_s,
        retry=reconnect_once(),
        health_check_interval=30,
        # Each order in flight may put a message into the schedule.
        max_connections=settings.worker_concurrency + SHARED_CONNECTIONS,
    )


class OrderHuey(Huey):  # type: ignore[misc]
    """Huey without revocation, which would ask Redis twice more for each task: an order is
    cancelled in the database, and a worker that comes too late finds it so."""

    def is_revoked(self, task: Any, timestamp: Any = None, peek: bool = True) -> bool:
        """No task ever is."""
        return False

    def delete(self, key: str) -> bool:
        """Nothing is kept that could be deleted."""
        return False

    def create_consumer(self, **options: Any) -> OrderConsumer:
        """What `huey_consumer` runs."""
        return OrderConsumer(self, **options)


class OrderStorage(RedisStorage):  # type: ignore[misc]
    """Huey's own storage, and a `Source` of messages for workers that are green threads: those
    take what is there in one command, and wait for more in one other thread, not in each."""

    breaker: CircuitBreaker

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._taking = DedicatedConnection(self.pool)
        self._waiting = DedicatedConnection(self.pool)

    def dequeue(self) -> bytes | None:
        """The next message, or None if there was none for `read_timeout` seconds.

        Raises `redis.RedisError`.
        """
        scheduler = green()
        if isinstance(scheduler, GreenThreads):
            return scheduler.receive()
        message: bytes | None = super().dequeue()
        return message

    def take(self, most: int) -> list[bytes]:
        """Up to that many messages that wait in the queue; none while Redis does not answer."""
        if self.breaker.is_open:
            return []
        try:
            return self._taking.ask("RPOP", self.queue_key, most) or []
        except RedisError:
            self.breaker.trip()
            return []

    def wait(self) -> bytes | None:
        """The next message, or None if there was none for `read_timeout` seconds.

        Raises `redis.RedisError`.
        """
        try:
            taken = self._waiting.ask("BRPOP", self.queue_key, self.read_timeout)
        except RedisTimeout:
            return None
        return taken[1] if taken else None

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Puts a message into the queue; green threads go on meanwhile."""
        outside(partial(super().enqueue, data, priority))

    def add_to_schedule(self, data: bytes, ts: datetime) -> None:
        """Puts a message into the schedule; green threads go on meanwhile."""
        outside(partial(super().add_to_schedule, data, ts))


class QuickSerializer(SignedSerializer):  # type: ignore[misc]
    """Huey's own signed messages, the signature computed in one call."""

    def _signature(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, "sha1").hex().encode()


class OrderQueue:
    """Waiting orders in Redis. Losing it loses no order: recovery fills it again."""

    def __init__(self, settings: Settings) -> None:
        self.pool = redis_pool(settings)
        self.huey = OrderHuey(
            "orders",
            results=False,
            serializer=QuickSerializer(secret=settings.secret_key, salt="orders-queue"),
            storage_class=OrderStorage,
            connection_pool=self.pool,
        )
        self.redis: Redis = self.huey.storage.conn
        self.key: str = self.huey.storage.queue_key
        """The list in Redis that holds the messages."""
        self.breaker = CircuitBreaker(self.redis.ping)
        self.huey.storage.breaker = self.breaker

    def message(self, order_id: UUID, terms: Packed | None = None) -> bytes:
        """The Huey message that makes a worker execute the order; of a new one it may tell all
        that the worker needs to know."""
        name = str(order_id)
        task = Message(
            id=name,
            name=EXECUTE_TASK,
            retries=0,
            retry_delay=0,
            args=(name,) if terms is None else (name, terms),
            kwargs={},
        )
        signed: bytes = self.huey.serializer.serialize(task)
        return signed

    def add(self, order_ids: Iterable[UUID]) -> None:
        """Wakes workers up for these orders now. Raises `redis.RedisError`."""
        messages = [self.message(order_id) for order_id in order_ids]
        if messages:
            self.redis.lpush(self.key, *messages)

    def depth(self) -> int:
        """Messages that wait for a worker. Raises `redis.RedisError`."""
        self.breaker.check()
        try:
            return int(self.huey.storage.queue_size())
        except RedisError:
            self.breaker.trip()
            raise

    def waiting_ids(self) -> set[UUID]:
        """Orders that have a message in the queue or in the schedule. Raises `redis.RedisError`.

        The ids are picked out of the raw messages: with 10,000 of them, unpickling each would
        cost a hundred times more.
        """
        self.breaker.check()
        storage = self.huey.storage
        raw = b"\n".join([*storage.enqueued_items(), *storage.scheduled_items()])
        return {UUID(found.decode()) for found in _ORDER_ID.findall(raw)}
