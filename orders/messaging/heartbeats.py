"""Heartbeats: each worker process reports to Redis every few seconds that it is alive."""

from __future__ import annotations

import contextlib
import threading
import time

from redis import Redis, RedisError

from orders.domain.clock import Clock
from orders.messaging.request_connections import RequestConnections

WORKERS_KEY = "orders:workers"
"""A sorted set: worker process -> Unix time of its last heartbeat."""
LOST_AFTER_BEATS = 3


def start(redis: Redis, clock: Clock, worker: str, heartbeat_s: float) -> None:
    """Starts the heartbeats of this process, named `worker`."""
    beat = (redis, clock, worker, heartbeat_s)
    threading.Thread(target=_beat, args=beat, name="heartbeat", daemon=True).start()


def count_alive(redis: RequestConnections, clock: Clock, heartbeat_s: float) -> int:
    """Counts the worker processes with a recent heartbeat. Raises `redis.RedisError`."""
    oldest = clock.now().timestamp() - LOST_AFTER_BEATS * heartbeat_s
    redis.ask("ZREMRANGEBYSCORE", WORKERS_KEY, "-inf", oldest)
    return int(redis.ask("ZCARD", WORKERS_KEY))


def _beat(redis: Redis, clock: Clock, worker: str, heartbeat_s: float) -> None:
    while True:
        now = clock.now().timestamp()
        with contextlib.suppress(RedisError):
            redis.zadd(WORKERS_KEY, {worker: now})
        time.sleep(heartbeat_s)
