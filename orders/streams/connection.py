"""A client's connection over any transport: its caller, its subscriptions, and how much it may
send.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orders.domain.caller import Caller
from orders.domain.errors import EngineError, Unauthenticated

BURST_S = 10
"""Seconds whose messages a connection may send all at once."""

Answer = dict[str, Any]
"""The acknowledgement, if the client asked for one."""


class TooManySubscriptions(EngineError):
    """The connection follows as much as it may; unsubscribe from something first."""

    code = "too_many_subscriptions"


class TooManyMessages(EngineError):
    """The connection sends more than it may; wait a moment."""

    code = "rate_limited"


class Allowance:
    """The number of messages that a connection may still send; it grows with time."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = self._most = per_second * BURST_S
        self._at = time.monotonic()

    def take(self) -> None:
        """Counts a message. Raises `TooManyMessages`."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self._per_second, self._most)
        self._at = now
        if self._left < 1:
            raise TooManyMessages()
        self._left -= 1


@dataclass(slots=True)
class Connection:
    """The state of one connection of this process."""

    id: str
    caller: Caller | None
    """None until it has authenticated, where anonymous callers are refused."""
    allowance: Allowance
    orders: set[UUID] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    """Keys of the followed prices and candles."""
    list_feed: str = ""
    account: tuple[str, ...] = ()
    """The rooms of the followed account."""
    closed: bool = False

    def known_caller(self) -> Caller:
        """The connection's caller. Raises `Unauthenticated`."""
        if self.caller is None:
            raise Unauthenticated()
        return self.caller
