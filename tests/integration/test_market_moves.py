"""Orders that rest trigger when somebody moves the market."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.prices import PRICE_CONTEXT
from orders.market.tokens import SOL, USDC
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components, wire
from tests.clock import ManualClock

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def engine(settings: Settings, clock: ManualClock) -> Iterator[Components]:
    opened = wire(settings, clock)
    opened.moves.start(SOL.mint, Decimal(0), 0, None, freeze=True)
    clock.advance(1)
    yield opened
    opened.close()


def place(engine: Components, kind: OrderType, factor: str, **fields: Any) -> UUID:
    """An order that waits for SOL's price to be so many times as high."""
    price = engine.market.reference_price(SOL, USDC) * Decimal(factor)
    fields["limit_price" if kind is OrderType.LIMIT else "stop_price"] = round(price, 6)
    order = OrderRequest(kind, "SOL", "USDC", Decimal(1), **fields)
    return engine.submission.place(order, ANONYMOUS).order_id


def status(order_id: UUID) -> str:
    with connection():
        return str(Order.get_by_id(order_id).status)


def move(engine: Components, clock: ManualClock, percent: int) -> None:
    """Orders a move, and waits until it begins."""
    started = engine.moves.start(SOL.mint, Decimal(percent), 0, None, freeze=False)
    clock.set(started.starts_at)


def test_stop_triggers_within_two_ticks_of_a_fall(engine: Components, clock: ManualClock) -> None:
    order_id = place(engine, OrderType.STOP, "0.9")
    assert engine.triggers.tick() == 0
    move(engine, clock, -20)
    assert engine.triggers.tick() + engine.triggers.tick() == 1
    assert status(order_id) == "pending"


def test_limit_triggers_within_two_ticks_of_a_rise_and_fills(
    engine: Components, clock: ManualClock
) -> None:
    order_id = place(engine, OrderType.LIMIT, "1.1")
    assert engine.triggers.tick() == 0
    move(engine, clock, 20)
    assert engine.triggers.tick() + engine.triggers.tick() == 1
    engine.engine.execute(order_id)
    with connection():
        order = Order.get_by_id(order_id)
    assert order.status == "confirmed"
    assert order.executed_price >= order.limit_price


def test_one_of_a_group_triggers_within_two_ticks_and_the_other_is_cancelled(
    engine: Components, clock: ManualClock
) -> None:
    group = uuid4()
    gain = place(engine, OrderType.LIMIT, "1.1", oco_group=group)
    loss = place(engine, OrderType.STOP, "0.9", oco_group=group)
    assert engine.triggers.tick() == 0
    move(engine, clock, -20)
    engine.triggers.tick()
    engine.triggers.tick()
    assert (status(loss), status(gain)) == ("pending", "cancelled")


def test_ended_move_lets_orders_rest_again(engine: Components, clock: ManualClock) -> None:
    move(engine, clock, -20)
    engine.moves.end_all()
    clock.advance(1)
    place(engine, OrderType.STOP, "0.9")
    assert engine.triggers.tick() == 0


def test_another_process_computes_the_same_moved_price(
    engine: Components, clock: ManualClock
) -> None:
    before = engine.market.price_usd(SOL)
    move(engine, clock, -20)
    other = wire(engine.settings, clock)
    moved = PRICE_CONTEXT.multiply(before, Decimal("0.8"))
    assert other.market.price_usd(SOL) == engine.market.price_usd(SOL) == moved
    other.close()
