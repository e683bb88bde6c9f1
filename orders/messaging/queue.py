"""The Huey queue: how orders wake workers, and what waits in it.

The queue is Huey's own, with its storage, message format and signing, so Huey's consumer and tools
work on it unchanged. A message names one order; everything else about the order is in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from huey import Huey
from huey.registry import Message
from huey.serializer import SignedSerializer
from huey.storage import RedisStorage
from redis import ConnectionError, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orders.config import Settings
from orders.messaging.circuit_breaker import CircuitBreaker
from orders.messaging.request_connections import RequestConnections

SHARED_CONNECTIONS = 100
"""Connections to Redis of one process at most, beside the one of each of its workers."""
EXECUTE_TASK = "tasks.execute_order"
"""The registered name of the task that a message asks for."""


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
        max_connections=settings.worker_concurrency + SHARED_CONNECTIONS,
    )


class UnrevokedHuey(Huey):  # type: ignore[misc]
    """Huey without revocation: an order is cancelled in PostgreSQL, where its worker sees it."""

    def is_revoked(self, task: Any, timestamp: Any = None, peek: bool = True) -> bool:
        """Say no, without asking Redis before each task."""
        return False


class OrderQueue:
    """Waiting orders in Redis. Losing it loses no order: recovery fills it again."""

    def __init__(self, settings: Settings) -> None:
        self.pool = redis_pool(settings)
        self.huey = UnrevokedHuey(
            "orders",
            results=False,
            serializer=SignedSerializer(secret=settings.secret_key, salt="orders-queue"),
            storage_class=RedisStorage,
            connection_pool=self.pool,
        )
        self.redis: Redis = self.huey.storage.conn
        self.key: str = self.huey.storage.queue_key
        """The list in Redis that holds the messages."""
        self.breaker = CircuitBreaker(self.redis.ping)
        self.for_requests = RequestConnections(self.pool, self.breaker, settings.redis_patience_s)
        """How a request asks Redis whatever it has to ask."""

    def message(self, order_id: UUID) -> bytes:
        """The Huey message that makes a worker execute the order."""
        name = str(order_id)
        task = Message(
            id=name, name=EXECUTE_TASK, retries=0, retry_delay=0, args=(name,), kwargs={}
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
        return int(self.for_requests.ask("LLEN", self.key))

    def waiting_ids(self) -> set[UUID]:
        """Orders that have a message in the queue or in the schedule. Raises `redis.RedisError`."""
        self.breaker.check()
        storage = self.huey.storage
        raw = [*storage.enqueued_items(), *storage.scheduled_items()]
        return {UUID(self.huey.serializer.deserialize(message).id) for message in raw}
