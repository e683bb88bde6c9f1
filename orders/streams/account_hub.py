"""Who follows an account, and how far its followers have seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from orders.domain.wallet_address import account_wallet
from orders.streams.update import Update


class Follower(Protocol):
    """A connection that follows an account. Nothing of it may block."""

    @property
    def wants_orders(self) -> bool:
        """Whether it is sent the events of orders, too."""

    def tell(self, name: str, update: Update) -> None:
        """Sends a message to this connection."""

    def enter(self) -> None:
        """Joins those who are sent what follows, unless it was cancelled meanwhile."""


class PlainFollower(Follower, Protocol):
    """A follower outside of Socket.IO's rooms."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has seen an account: its money, and its orders' events."""

    money: int
    orders: int


@dataclass(frozen=True, slots=True)
class Joining:
    """A subscription that is told `answer` first, and what follows `seen` then."""

    follower: Follower
    account_id: UUID
    answer: dict[str, Any]
    seen: Place


@dataclass(slots=True)
class AccountHub:
    """How far the watchers of one account have seen."""

    account_id: UUID
    seen: Place
    plain: set[PlainFollower] = field(default_factory=set)
    """Members outside of Socket.IO's rooms."""
    lock: Lock = field(default_factory=Lock)
    joining: int = 0
    """Subscriptions under way: not members of the room yet, but about to be."""
    reading: bool = False
    wanted: bool = False

    @property
    def wallet(self) -> str:
        """The address of the account's wallet."""
        return account_wallet(self.account_id)
