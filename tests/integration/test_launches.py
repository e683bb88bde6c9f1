"""This process's copy of the launches: never older than what it has been told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.config import Settings
from orders.market.tokens import Launch, Token
from orders.storage.launches import LaunchBook
from orders.wiring import Components
from tests.clock import ManualClock

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEPE = Launch(
    Token("PEPE", "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin", 6, "PEPE"),
    Decimal("0.01"), Decimal(50_000), NOW,
)  # fmt: skip


@pytest.fixture
def make_book(components: Components) -> Callable[[], LaunchBook]:
    """Books of several processes, which look for launches of others once a minute."""
    settings: Settings = replace(components.settings, launch_refresh_s=60)
    return lambda: LaunchBook(settings, ManualClock(NOW))


def test_own_launches_are_known_at_once(make_book: Callable[[], LaunchBook]) -> None:
    book = make_book()
    assert list(book()) == []
    book.schedule(PEPE)
    assert list(book()) == [PEPE]


def test_asking_for_the_newest_launches_finds_those_of_other_processes(
    make_book: Callable[[], LaunchBook],
) -> None:
    here, there = make_book(), make_book()
    assert list(there()) == []
    here.schedule(PEPE)
    assert list(there()) == []
    assert list(there.newest()) == [PEPE]
    assert list(there()) == [PEPE]
