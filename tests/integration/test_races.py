"""A trigger races with a cancel or with the expiry: one wins, and each does sometimes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from orders.config import Settings
from orders.domain.clock import ManualClock
from orders.domain.events import read_history
from orders.execution.submission import ANONYMOUS, NewOrder
from orders.storage.database import connection
from orders.wiring import System, open_system
from tests.check_history import ClientLog
from tests.load import violations
from tests.races import Seesaw

ROUNDS = 60
LEAST_WINS = 10
EXPIRY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def rivals(settings: Settings) -> Iterator[tuple[System, System]]:
    """Two processes' worth of the engine: one where orders still rest, one where they expire."""
    clocks = [ManualClock(EXPIRY - timedelta(seconds=1)), ManualClock(EXPIRY)]
    opened = [open_system(settings, clock) for clock in clocks]
    yield opened[0], opened[1]
    for system in opened:
        system.close()


def place_met(system: System) -> UUID:
    """A limit order whose condition holds."""
    order = NewOrder(
        "limit", "SOL", "USDC", Decimal(1), limit_price=Decimal("0.01"), expires_at=EXPIRY
    )
    return system.placing.place(order, ANONYMOUS).order_id


def statuses(order_id: UUID) -> list[str]:
    with connection():
        return [event.status for event in read_history(order_id)]


def test_of_a_trigger_and_a_cancel_the_second_sees_what_the_first_did(
    rivals: tuple[System, System],
) -> None:
    watcher, web = rivals
    seesaw = Seesaw()
    placed = set()
    for _ in range(ROUNDS):
        order_id = place_met(watcher)
        placed.add(str(order_id))
        triggered, cancelled = seesaw.race(
            watcher.resting.tick, lambda order_id=order_id: web.placing.cancel(order_id, ANONYMOUS)
        )
        assert cancelled.status == "cancelled"
        way = ["open", "pending", "cancelled"] if triggered else ["open", "cancelled"]
        assert statuses(order_id) == way
        seesaw.note(bool(triggered))
    assert violations(web.settings, ClientLog(placed)) == []
    assert min(seesaw.won["first"], seesaw.won["second"]) >= LEAST_WINS, seesaw


def test_of_a_trigger_and_the_expiry_exactly_one_wins(rivals: tuple[System, System]) -> None:
    watcher, later = rivals
    seesaw = Seesaw()
    placed = set()
    for _ in range(ROUNDS):
        order_id = place_met(watcher)
        placed.add(str(order_id))
        won = seesaw.race(watcher.resting.tick, later.recovery.expire_resting)
        assert statuses(order_id) == ["open", {(1, 0): "pending", (0, 1): "expired"}[won]]
        seesaw.note(won == (1, 0))
    assert violations(later.settings, ClientLog(placed), quiet=False) == []
    assert min(seesaw.won["first"], seesaw.won["second"]) >= LEAST_WINS, seesaw
