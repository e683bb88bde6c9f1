"""A guard for workers: a worker whose machine's clock is wrong leaves orders to others."""

from __future__ import annotations

import contextlib
import time
from uuid import UUID

from redis import RedisError

from orders.domain.errors import ClockSkewed, StoreUnavailable
from orders.messaging.queue import OrderQueue
from orders.observability import observe
from orders.storage.server_time import ServerTime

PAUSE_S = 0.5
"""Seconds that a thread pauses after handing an order back."""


def hand_back_while_clock_is_off(
    server_time: ServerTime, queue: OrderQueue, order_id: UUID
) -> bool:
    """Puts the order's message back into the queue and pauses, if this machine's clock is wrong.

    Returns whether this worker must leave the order alone.
    """
    try:
        server_time.check()
    except ClockSkewed:
        # If Redis is away, recovery sends the message again.
        with contextlib.suppress(RedisError):
            queue.add([order_id])
        time.sleep(PAUSE_S)
        return True
    except StoreUnavailable as error:
        observe.store_unavailable("engine", error)
        return True
    return False
