"""Counts requests in fixed windows, with one round trip to Redis each.

The strategies of the `limits` library ask Redis three times: to count, and for what is left and
until when.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import g
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import STRATEGIES, FixedWindowRateLimiter
from limits.util import WindowStats

from orders.messaging.request_connections import RequestConnections

STRATEGY = "counted-window"

COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if count == tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""
SCHEME = "counted"


class CountingStorage(RedisStorage):
    """Counts over the request connections, so that a Redis that hangs delays nobody.

    Its address is that of a Redis with `counted+` before it.
    """

    STORAGE_SCHEME = [f"{SCHEME}+{scheme}" for scheme in ("redis", "rediss", "redis+unix")]  # noqa: RUF012

    def __init__(self, uri: str, connections: RequestConnections, **options: Any) -> None:
        super().__init__(uri.removeprefix(f"{SCHEME}+"), **options)
        self._connections = connections

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts one request. Raises `redis.RedisError`."""
        prefixed = self.prefixed_key(key)
        return int(self._connections.ask("EVAL", COUNT, 1, prefixed, expiry, amount))

    def check(self) -> bool:
        """Whether Redis answers again after a failure."""
        return self._connections.answering


@dataclass(frozen=True, slots=True)
class Window:
    """The tightest limit: its amount, what remains, and the Unix time of its next window."""

    amount: int
    remaining: int
    resets_at: float
    is_exceeded: bool = False


class CountedWindow(FixedWindowRateLimiter):
    """Fixed windows that begin at multiples of their length, so that Redis need not be asked for
    the end.
    """

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Counts a request; returns False if it exceeds the limit."""
        length_s = item.get_expiry()
        number = int(time.time() // length_s)
        count = self.storage.incr(item.key_for(*identifiers, str(number)), length_s, cost)
        is_exceeded, remaining = count > item.amount, max(item.amount - count, 0)
        _remember(Window(item.amount, remaining, (number + 1) * length_s, is_exceeded))
        return not is_exceeded

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """The figures that `hit` has just obtained."""
        window = current_window() or Window(item.amount, item.amount, time.time())
        return WindowStats(window.resets_at, window.remaining)


# flask-limiter takes a strategy by its name in this table alone, and `limits` has no function that
# registers one.
STRATEGIES[STRATEGY] = CountedWindow


def current_window() -> Window | None:
    """The tightest limit that counted this request."""
    window: Window | None = g.get("rate_window")
    return window


def _remember(window: Window) -> None:
    known = current_window()
    if known is None or window.remaining <= known.remaining:
        g.rate_window = window
