"""Wake-ups for things that come due again and again, each with one message in the queue at a time.

Whoever finds such a thing due need not know whether a message for it still waits: a mark in Redis
says so, set together with the message. They are bounded beside the orders' messages, too, so that
they refuse no order.
"""

from __future__ import annotations

import contextlib
from uuid import UUID

from redis import RedisError

from orders.config import Settings
from orders.messaging.queue import OrderQueue

MARK_LASTS_S = 30
"""After so many seconds another message may be sent: a worker that was killed may have taken the
first one.
"""
SHARE = 2
"""None is sent while the queue holds the part `1 / SHARE` of what it may."""

WAKE = """
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[1])
or not redis.call('SET', KEYS[2], '', 'NX', 'EX', ARGV[2]) then return 0 end
redis.call('LPUSH', KEYS[1], ARGV[3])
return 1
"""


class SingleWakeUps:
    """Wakes workers with messages that name one task and one thing."""

    def __init__(self, settings: Settings, queue: OrderQueue, task: str) -> None:
        self._queue = queue
        self._task = task
        self._most = max(settings.max_queue_depth // SHARE, 1)

    def wake(self, thing: UUID) -> bool:
        """Wakes a worker for it, unless a message waits already. Raises `redis.RedisError`.

        Returns False if none was sent: ask again later.
        """
        message = self._queue.message(thing, self._task)
        sent = self._queue.redis.eval(
            WAKE, 2, self._queue.key, self._mark(thing), self._most, MARK_LASTS_S, message
        )
        return bool(sent)

    def taken(self, thing: UUID) -> None:
        """Notes that a worker has its message, so that another one may be sent."""
        with contextlib.suppress(RedisError):
            self._queue.redis.delete(self._mark(thing))

    def _mark(self, thing: UUID) -> str:
        return f"orders:woken:{self._task}:{thing}"
