"""Limit, stop and sniper orders, with a market whose prices the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from orders.config import Settings
from orders.database import connection
from orders.dex.clock import ManualClock
from orders.dex.market import ScriptedMarket
from orders.dex.tokens import SOL, Launch, Token
from orders.errors import ValidationFailed
from orders.events import read_history
from orders.models import Order
from orders.placing import ANONYMOUS, NewOrder
from orders.system import System, open_system

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINT = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
PEPE = Token("PEPE", MINT, 6, "Pepe")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def engine(settings: Settings, clock: ManualClock) -> Iterator[System]:
    opened = open_system(settings, clock, ScriptedMarket)
    opened.market.set_price(SOL, Decimal(150))
    yield opened
    opened.close()


def place(engine: System, **fields: object) -> UUID:
    order = NewOrder(**{"token_in": "SOL", "token_out": "USDC", "amount_in": Decimal(1), **fields})  # type: ignore[arg-type]
    return engine.placing.place(order, ANONYMOUS).order_id


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def status(order_id: UUID) -> str:
    return str(load(order_id).status)


def test_limit_rests_until_the_net_price_is_there_and_never_fills_below_it(engine: System) -> None:
    order_id = place(engine, type="limit", limit_price=Decimal(200))
    assert engine.resting.tick() == 0
    assert status(order_id) == "open"

    engine.market.set_price(SOL, Decimal(230))
    assert engine.resting.tick() == 1
    engine.engine.execute(order_id)

    order = load(order_id)
    assert order.status == "confirmed"
    assert order.executed_price >= 200


def test_limit_goes_back_to_open_when_the_market_moved_away_and_spends_no_retry(
    engine: System,
) -> None:
    order_id = place(engine, type="limit", limit_price=Decimal(200))
    engine.market.set_price(SOL, Decimal(230))
    engine.resting.tick()
    engine.market.set_price(SOL, Decimal(150))
    engine.engine.execute(order_id)

    order = load(order_id)
    assert (order.status, order.attempts) == ("open", 0)
    assert order.due_at == order.expires_at


def test_stop_fires_on_the_way_down_only(engine: System) -> None:
    order_id = place(engine, type="stop", stop_price=Decimal(120))
    assert engine.resting.tick() == 0
    engine.market.set_price(SOL, Decimal(100))
    assert engine.resting.tick() == 1
    with connection():
        event = read_history(order_id)[-1]
    assert event.data["trigger"]["price"] <= 120


def test_sniper_waits_for_the_launch_and_its_liquidity(engine: System, clock: ManualClock) -> None:
    engine.launches.schedule(
        Launch(PEPE, Decimal("0.01"), Decimal(50_000), START + timedelta(seconds=5))
    )
    eager = place(engine, type="sniper", token_out=MINT, min_liquidity=Decimal(10_000))
    picky = place(engine, type="sniper", token_out=MINT, min_liquidity=Decimal(60_000))
    assert engine.resting.tick() == 0
    clock.advance(5)
    assert engine.resting.tick() == 1
    assert (status(eager), status(picky)) == ("pending", "open")
    engine.engine.execute(eager)
    assert status(eager) == "confirmed"


def test_resting_order_expires_and_does_not_trigger_after(
    engine: System, clock: ManualClock
) -> None:
    order_id = place(
        engine, type="limit", limit_price=Decimal(200), expires_at=START + timedelta(minutes=1)
    )
    clock.advance(61)
    engine.market.set_price(SOL, Decimal(230))
    assert engine.resting.tick() == 0
    assert engine.recovery.expire_resting() == 1
    assert status(order_id) == "expired"


def test_when_one_of_a_group_triggers_the_other_is_cancelled(engine: System) -> None:
    group = uuid4()
    profit = place(engine, type="limit", limit_price=Decimal(200), oco_group=group)
    loss = place(engine, type="stop", stop_price=Decimal(120), oco_group=group)
    engine.market.set_price(SOL, Decimal(230))
    engine.resting.tick()
    assert (status(profit), status(loss)) == ("pending", "cancelled")


def test_two_of_a_group_whose_conditions_both_hold_trigger_only_one(engine: System) -> None:
    group = uuid4()
    both = [
        place(engine, type="limit", limit_price=Decimal(price), oco_group=group)
        for price in (100, 120)
    ]
    assert engine.resting.tick() == 1
    assert sorted(status(order_id) for order_id in both) == ["cancelled", "pending"]


def test_a_group_that_is_decided_takes_no_further_order(engine: System) -> None:
    group = uuid4()
    place(engine, type="limit", limit_price=Decimal(100), oco_group=group)
    engine.resting.tick()
    with pytest.raises(ValidationFailed) as refused:
        place(engine, type="stop", stop_price=Decimal(120), oco_group=group)
    assert list(refused.value.errors) == ["ocoGroup"]


def test_a_group_whose_winner_was_cancelled_is_open_again(engine: System) -> None:
    group = uuid4()
    first = place(engine, type="limit", limit_price=Decimal(100), oco_group=group)
    engine.resting.tick()
    engine.placing.cancel(first, ANONYMOUS)
    second = place(engine, type="limit", limit_price=Decimal(100), oco_group=group)
    assert engine.resting.tick() == 1
    assert status(second) == "pending"


def test_many_orders_trigger_across_chunks(engine: System) -> None:
    placed = [place(engine, type="limit", limit_price=Decimal(160 + i % 7)) for i in range(600)]
    engine.market.set_price(SOL, Decimal(230))
    assert engine.resting.tick() == 600
    assert {status(order_id) for order_id in placed} == {"pending"}
