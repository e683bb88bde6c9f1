"""A trigger races with a cancel or with the expiry: one wins, and each does sometimes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.storage.database import connection
from orders.storage.history import read_history
from orders.wiring import Components, wire
from tests.check_history import ClientLog
from tests.clock import ManualClock
from tests.load import violations
from tests.races import Seesaw

ROUNDS = 60
LEAST_WINS = 10
EXPIRY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def rivals(settings: Settings) -> Iterator[tuple[Components, Components]]:
    """Two processes' worth of the engine: one where orders still rest, one where they expire."""
    clocks = [ManualClock(EXPIRY - timedelta(seconds=1)), ManualClock(EXPIRY)]
    opened = [wire(settings, clock) for clock in clocks]
    yield opened[0], opened[1]
    for components in opened:
        components.close()


def place_met(components: Components) -> UUID:
    """A limit order whose condition holds."""
    order = OrderRequest(
        OrderType.LIMIT, "SOL", "USDC", Decimal(1), limit_price=Decimal("0.01"), expires_at=EXPIRY
    )
    return components.submission.place(order, ANONYMOUS).order_id


def statuses(order_id: UUID) -> list[str]:
    with connection():
        return [event.status for event in read_history(order_id)]


def test_later_of_trigger_and_cancel_sees_the_earlier(
    rivals: tuple[Components, Components],
) -> None:
    watcher, web = rivals
    seesaw = Seesaw()
    placed = set()
    for _ in range(ROUNDS):
        order_id = place_met(watcher)
        placed.add(str(order_id))
        triggered, cancelled = seesaw.race(
            watcher.triggers.tick,
            partial(web.submission.cancel, order_id, ANONYMOUS),
        )
        assert cancelled.status == "cancelled"
        way = ["open", "pending", "cancelled"] if triggered else ["open", "cancelled"]
        assert statuses(order_id) == way
        seesaw.note(bool(triggered))
    assert violations(web.settings, ClientLog(placed)) == []
    assert min(seesaw.won["first"], seesaw.won["second"]) >= LEAST_WINS, seesaw


def test_trigger_and_expiry_that_race_have_one_winner(
    rivals: tuple[Components, Components],
) -> None:
    watcher, later = rivals
    seesaw = Seesaw()
    placed = set()
    for _ in range(ROUNDS):
        order_id = place_met(watcher)
        placed.add(str(order_id))
        won = seesaw.race(watcher.triggers.tick, later.recovery.expire_resting)
        assert statuses(order_id) == ["open", {(1, 0): "pending", (0, 1): "expired"}[won]]
        seesaw.note(won == (1, 0))
    assert violations(later.settings, ClientLog(placed), quiet=False) == []
    assert min(seesaw.won["first"], seesaw.won["second"]) >= LEAST_WINS, seesaw
