"""Which worker processes are alive: each one signs in Redis every few seconds."""

from __future__ import annotations

import contextlib
import threading
import time

from redis import Redis, RedisError

from orders.wiring import Components

WORKERS_KEY = "orders:workers"
"""A sorted set: worker process -> Unix time of its last sign of life."""
LOST_AFTER_BEATS = 3

_unannounced = threading.Lock()


def announce(components: Components) -> bool:
    """Starts signing for this process; False if that was done already."""
    if not _unannounced.acquire(blocking=False):
        return False
    threading.Thread(target=_beat, args=(components,), name="heartbeat", daemon=True).start()
    return True


def count_alive(redis: Redis, heartbeat_s: float) -> int:
    """Worker processes that signed recently. Raises `redis.RedisError`."""
    oldest = time.time() - LOST_AFTER_BEATS * heartbeat_s
    redis.zremrangebyscore(WORKERS_KEY, "-inf", oldest)
    return int(redis.zcard(WORKERS_KEY))


def _beat(components: Components) -> None:
    while True:
        with contextlib.suppress(RedisError):
            components.queue.redis.zadd(WORKERS_KEY, {components.order_store.owner: time.time()})
        time.sleep(components.settings.heartbeat_s)
