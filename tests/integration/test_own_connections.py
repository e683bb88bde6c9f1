"""Connections to Redis that are kept, not borrowed: outages never use them up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from redis import ConnectionError, Redis, RedisError

from orders.api.rate_limit_storage import SCHEME, CountingStorage
from orders.config import Settings
from orders.domain.events import Event
from orders.local.valkey import start_valkey
from orders.messaging.dedicated_connection import DedicatedConnection
from orders.messaging.live_feed import EVENTS
from orders.messaging.queue import OrderQueue, redis_pool
from orders.wiring import Components
from tests.clients import wait_until
from tests.conftest import FAST

CUTS = 150
"""More than the connections that one pool may have."""
ORDER_ID = UUID(int=7)


def cut_all_connections(redis: Redis) -> None:
    redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def test_events_are_published_after_any_number_of_cut_connections(components: Components) -> None:
    event = Event(ORDER_ID, 1, "pending", datetime.now(UTC), {"attempt": 1})
    other = Redis.from_url(components.settings.redis_url)
    feed = other.pubsub(ignore_subscribe_messages=True)
    feed.subscribe(EVENTS)
    feed.get_message(timeout=5)
    for _ in range(CUTS):
        components.publisher.publish([event], [])
        cut_all_connections(other)
    components.publisher.publish([event], [])
    received = [feed.get_message(timeout=5) for _ in range(CUTS + 1)]
    assert all(message and str(ORDER_ID).encode() in message["data"] for message in received)
    assert not components.queue.breaker.is_open
    other.close()


def test_requests_are_counted_again_after_any_number_of_failures(tmp_path: Path) -> None:
    valkey = start_valkey(tmp_path)
    settings = replace(FAST, redis_url=valkey.url)
    connections = OrderQueue(settings).for_requests
    uri = valkey.url.replace("unix://", "redis+unix://", 1)
    storage = CountingStorage(f"{SCHEME}+{uri}", connections=connections)
    valkey.stop()
    for _ in range(CUTS):
        with pytest.raises(RedisError):
            storage.incr("key", 60)
    assert not storage.check()
    valkey.start()
    wait_until(storage.check, "the end of the breaker")
    assert [storage.incr("key", 60) for _ in range(2)] == [1, 2]
    valkey.stop()


def test_absent_server_is_an_error_each_time_and_adds_no_connection(
    settings: Settings,
) -> None:
    pool = redis_pool(settings)
    pool.connection_kwargs |= {"path": "/nowhere/redis.sock"}
    connection = DedicatedConnection(pool)
    for _ in range(CUTS):
        with pytest.raises(ConnectionError, match="nowhere"):
            connection.ask("PING")
