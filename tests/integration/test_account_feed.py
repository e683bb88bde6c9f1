"""The account stream while clients join, in one process."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.accounts.accounts import Accounts
from orders.accounts.portfolios import Portfolios
from orders.streams.account import AccountFeed
from orders.streams.rooms import account_room
from orders.streams.subscriptions import AccountFollower
from orders.wiring import Components

NEVER_S = 3600
SID = "a connection"


class Rooms:
    """Rooms of one process whose background work runs at once."""

    def __init__(self) -> None:
        self.members: set[tuple[str, str]] = set()
        self.sent: list[tuple[str, int]] = []

    def enter(self, sid: str, room: str) -> None:
        self.members.add((sid, room))

    def leave(self, sid: str, room: str) -> None:
        self.members.discard((sid, room))

    def occupied(self, room: str) -> bool:
        return any(room == each for _, each in self.members)

    def send(self, event: str, room: str, message: dict[str, Any]) -> None:
        if self.occupied(room) or room == SID:
            self.sent.append((event, message["sequence"]))

    def spawn(self, work: Callable[..., None], *values: Any) -> None:
        work(*values)


@pytest.fixture
def account(components: Components) -> UUID:
    """An account that has just signed up."""
    accounts = Accounts(components.clock, components.funding)
    return accounts.sign_up("ada@example.org", "correct horse battery").id


def test_client_that_joins_during_a_comparison_is_told_what_follows(
    components: Components, account: UUID
) -> None:
    rooms = Rooms()
    portfolios = Portfolios(components.clock, components.valuation, components.funding)
    feed = AccountFeed(rooms, portfolios, components.registry, components.clock, NEVER_S)  # type: ignore[arg-type]

    def compare_meanwhile() -> bool:
        feed.compare()
        return True

    follower = AccountFollower(SID, rooms, (account_room(account),), False, compare_meanwhile)  # type: ignore[arg-type]
    joining = feed.begin(follower, account, None, None)
    assert joining.answer["sequence"] == 1
    feed.complete(joining)
    token = components.registry.resolve("SOL", "token")
    components.funding.give(account, token, token.to_base(Decimal(1)))
    feed.changed(account)
    assert rooms.sent == [("balance_update", 2)]
