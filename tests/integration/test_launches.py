"""This process's copy of the launches: never older than what it has been told of."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import base58
import pytest

from orders.config import Settings
from orders.domain.errors import LaunchConflict, TooManyLaunches
from orders.market.tokens import Launch, Token
from orders.storage.database import connection
from orders.storage.launches import LaunchBook
from orders.storage.models import LaunchRecord
from orders.wiring import Components
from tests.clock import ManualClock

ADDRESSES = [base58.b58encode(bytes([7] * 31 + [n])).decode() for n in range(20)]
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


def launch(number: int, symbol: str | None = None) -> Launch:
    token = Token(symbol or f"NEW{number}", ADDRESSES[number], 6, "new")
    return replace(PEPE, token=token)


def schedule(book: LaunchBook, wanted: Launch) -> bool:
    try:
        book.schedule(wanted)
    except (LaunchConflict, TooManyLaunches):
        return False
    return True


def test_pruned_launches_are_forgotten_and_the_order_is_by_time(
    components: Components,
) -> None:
    settings = replace(components.settings, launch_refresh_s=0, clean_up_interval_s=0)
    book = LaunchBook(settings, ManualClock(NOW))
    late, early = launch(1), replace(launch(2), live_at=NOW - timedelta(days=1))
    for each in (late, early):
        book.schedule(each)
    book()
    assert [each.token.symbol for each in book()] == ["NEW2", "NEW1"]
    with connection():
        LaunchRecord.delete().where(LaunchRecord.mint == early.token.mint).execute()
    assert [each.token.symbol for each in book()] == ["NEW1"]


def test_a_refresh_reads_only_what_is_new(components: Components) -> None:
    """A launch that was stored long ago, but that this process has not read, stays unknown."""
    clock = ManualClock(NOW)
    settings = replace(components.settings, launch_refresh_s=0)
    here, there = LaunchBook(settings, clock), LaunchBook(settings, clock)
    assert list(there()) == []
    here.schedule(launch(1))
    with connection():
        LaunchRecord.update(created_at=NOW - timedelta(hours=1)).execute()
    here.schedule(launch(2))
    assert [each.token.symbol for each in there()] == ["NEW2"]


def test_number_of_launches_is_bounded(components: Components) -> None:
    book = LaunchBook(replace(components.settings, launches_limit=2), ManualClock(NOW))
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda number: schedule(book, launch(number)), range(8)))
    assert sum(taken) == 2
    with pytest.raises(TooManyLaunches):
        book.schedule(launch(9))


def test_symbol_is_taken_once_in_whatever_case(make_book: Callable[[], LaunchBook]) -> None:
    here, there = make_book(), make_book()
    assert schedule(here, launch(1, "Moon"))
    assert not schedule(there, launch(2, "MOON"))
    assert not schedule(there, launch(3, "sol"))
    assert not schedule(there, launch(1, "OTHER"))
