"""Orders that rest trigger when somebody moves the market."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.errors import TooManyMoves
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.prices import PRICE_CONTEXT
from orders.market.tokens import RAY, SOL, USDC
from orders.storage.database import connection
from orders.storage.market_moves import MOST_PER_TOKEN
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


@pytest.fixture
def books(settings: Settings, clock: ManualClock) -> Iterator[tuple[Components, Components]]:
    """Two processes that remember three moves that are over."""
    few = replace(settings, moves_kept=3, move_refresh_s=0)
    one, other = wire(few, clock), wire(few, clock)
    yield one, other
    one.close()
    other.close()


def end_many(engine: Components, clock: ManualClock, mint: str, number: int) -> None:
    """Moves that are over after a second each."""
    for _ in range(number):
        engine.moves.start(mint, Decimal(1), 0, 0, freeze=False)
        clock.advance(1)


def test_held_move_outlives_those_that_come_and_go(
    books: tuple[Components, Components], clock: ManualClock
) -> None:
    one, other = books
    before = one.market.price_usd(SOL)
    one.moves.start(SOL.mint, Decimal(-20), 0, None, freeze=False)
    clock.advance(1)
    one.moves.start(SOL.mint, Decimal(0), 0, None, freeze=True)
    clock.advance(1)
    held = other.market.price_usd(SOL)
    assert held < before * Decimal("0.9")
    end_many(one, clock, RAY.mint, 6)
    clock.advance(120)
    assert one.moves.forget() == 3
    fresh = wire(one.settings, clock)
    assert [each.market.price_usd(SOL) for each in (one, other, fresh)] == [held] * 3
    assert len(fresh.moves.not_over()) == 2
    assert len(fresh.moves.end_all()) == 2
    fresh.close()


def test_processes_forget_the_same_moves(
    books: tuple[Components, Components], clock: ManualClock
) -> None:
    one, other = books
    end_many(one, clock, RAY.mint, 6)
    clock.advance(120)
    one.moves.forget()
    end_many(one, clock, RAY.mint, 1)
    known = [book.moves(RAY.mint).moves for book in (one, other)]
    assert known[0] == known[1]
    assert len(known[0]) == 4


def test_concurrent_requests_do_not_pass_the_limit_of_a_token(engine: Components) -> None:
    def start(_: int) -> bool:
        try:
            engine.moves.start(RAY.mint, Decimal(1), 0, None, freeze=False)
        except TooManyMoves:
            return False
        return True

    with ThreadPoolExecutor(2 * MOST_PER_TOKEN) as threads:
        started = list(threads.map(start, range(2 * MOST_PER_TOKEN)))
    assert sum(started) == MOST_PER_TOKEN
