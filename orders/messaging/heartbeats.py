"""Which worker processes are alive: each one signs in Redis every few seconds."""

from __future__ import annotations

import contextlib
import threading
import time

from redis import Redis, RedisError

from orders.wiring import System

WORKERS_KEY = "orders:workers"
"""A sorted set: worker process -> Unix time of its last sign of life."""
LOST_AFTER_BEATS = 3

_unannounced = threading.Lock()


def announce(system: System) -> bool:
    """Starts signing for this process; False if that was done already."""
    if not _unannounced.acquire(blocking=False):
        return False
    threading.Thread(target=_beat, args=(system,), name="heartbeat", daemon=True).start()
    return True


def count_alive(redis: Redis, heartbeat_s: float) -> int:
    """Worker processes that signed recently. Raises `redis.RedisError`."""
    oldest = time.time() - LOST_AFTER_BEATS * heartbeat_s
    redis.zremrangebyscore(WORKERS_KEY, "-inf", oldest)
    return int(redis.zcard(WORKERS_KEY))


def _beat(system: System) -> None:
    while True:
        with contextlib.suppress(RedisError):
            system.queue.redis.zadd(WORKERS_KEY, {system.mover.owner: time.time()})
        time.sleep(system.settings.heartbeat_s)
