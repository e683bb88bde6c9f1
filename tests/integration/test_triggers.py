"""Limit, stop and sniper orders, with a market whose prices the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.errors import ValidationFailed
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.tokens import SOL, Launch, Token
from orders.observability.metrics import REGISTRY
from orders.storage.database import connection
from orders.storage.history import read_history
from orders.storage.journal import Row, Write
from orders.storage.models import Order
from orders.storage.order_changes import Transition
from orders.wiring import Components, wire
from tests.clock import ManualClock
from tests.market import ScriptedMarket

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINT = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
PEPE = Token("PEPE", MINT, 6, "Pepe")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def engine(settings: Settings, clock: ManualClock) -> Iterator[Components]:
    opened = wire(settings, clock, ScriptedMarket)
    set_price(opened, 150)
    yield opened
    opened.close()


def set_price(engine: Components, usd: int) -> None:
    """From now on SOL costs this."""
    assert isinstance(engine.market, ScriptedMarket)
    engine.market.set_price(SOL, Decimal(usd))


def place(engine: Components, **fields: Any) -> UUID:
    swap: dict[str, Any] = {"token_in": "SOL", "token_out": "USDC", "amount_in": Decimal(1)}
    order = OrderRequest(**swap | fields)
    return engine.submission.place(order, ANONYMOUS).order_id


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def status(order_id: UUID) -> str:
    return str(load(order_id).status)


def test_limit_rests_until_the_net_price_is_there_and_never_fills_below_it(
    engine: Components,
) -> None:
    order_id = place(engine, type=OrderType.LIMIT, limit_price=Decimal(200))
    assert engine.triggers.tick() == 0
    assert status(order_id) == "open"

    set_price(engine, 230)
    assert engine.triggers.tick() == 1
    engine.engine.execute(order_id)

    order = load(order_id)
    assert order.status == "confirmed"
    assert order.executed_price >= 200


def test_limit_goes_back_to_open_when_the_market_moved_away_and_spends_no_retry(
    engine: Components,
) -> None:
    order_id = place(engine, type=OrderType.LIMIT, limit_price=Decimal(200))
    set_price(engine, 230)
    engine.triggers.tick()
    set_price(engine, 150)
    engine.engine.execute(order_id)

    order = load(order_id)
    assert (order.status, order.attempts) == ("open", 0)
    assert order.due_at == order.expires_at


def test_stop_fires_on_the_way_down_only(engine: Components) -> None:
    order_id = place(engine, type=OrderType.STOP, stop_price=Decimal(120))
    assert engine.triggers.tick() == 0
    set_price(engine, 100)
    assert engine.triggers.tick() == 1
    with connection():
        event = read_history(order_id)[-1]
    assert event.data["trigger"]["price"] <= 120


def test_sniper_waits_for_the_launch_and_its_liquidity(
    engine: Components, clock: ManualClock
) -> None:
    engine.launches.schedule(
        Launch(PEPE, Decimal("0.01"), Decimal(50_000), START + timedelta(seconds=5))
    )
    eager = place(engine, type=OrderType.SNIPER, token_out=MINT, min_liquidity=Decimal(10_000))
    picky = place(engine, type=OrderType.SNIPER, token_out=MINT, min_liquidity=Decimal(60_000))
    assert engine.triggers.tick() == 0
    clock.advance(5)
    assert engine.triggers.tick() == 1
    assert (status(eager), status(picky)) == ("pending", "open")
    engine.engine.execute(eager)
    assert status(eager) == "confirmed"


@pytest.mark.parametrize("meanwhile", ["cancelled", "routing"])
def test_order_that_moves_while_a_look_reads_it_is_left_alone(
    engine: Components, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    order_id = place(engine, type=OrderType.LIMIT, limit_price=Decimal(100))
    other = place(engine, type=OrderType.LIMIT, limit_price=Decimal(100))

    def move_first(*columns: object) -> object:
        monkeypatch.undo()
        if meanwhile == "cancelled":
            engine.submission.cancel(order_id, ANONYMOUS)
        else:
            engine.order_store.advance(load(order_id), Status.PENDING, {"attempt": 1}, due_at=START)
            engine.order_store.claim(order_id)
        return Order.select(*columns)

    monkeypatch.setattr(Order, "select", move_first)
    assert engine.triggers.tick() == 1
    assert (status(order_id), status(other)) == (meanwhile, "pending")


@contextmanager
def timed_triggers(order_type: OrderType) -> Iterator[list[float]]:
    """Count and sum of the delays measured during the block, in seconds."""
    measured: list[float] = []
    name = "orders_trigger_to_queue_seconds"

    def read() -> list[float]:
        samples = [f"{name}_count", f"{name}_sum"]
        return [REGISTRY.get_sample_value(s, {"type": order_type}) or 0.0 for s in samples]

    before = read()
    yield measured
    measured += [round(now - then, 3) for now, then in zip(read(), before, strict=True)]


@pytest.mark.parametrize(
    ("order_type", "condition", "price"),
    [
        (OrderType.LIMIT, {"limit_price": Decimal(200)}, 230),
        (OrderType.STOP, {"stop_price": Decimal(120)}, 100),
    ],
)
def test_trigger_delay_is_from_the_look_at_the_prices_until_the_order_is_queued(
    engine: Components,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    order_type: OrderType,
    condition: dict[str, Decimal],
    price: int,
) -> None:
    for _ in range(3):
        place(engine, type=order_type, **condition)
    clock.advance(60)
    set_price(engine, price)
    write = engine.journal.write

    def take_time(rows: Write) -> dict[UUID, Row]:
        clock.advance(0.25)
        return write(rows)

    monkeypatch.setattr(engine.journal, "write", take_time)
    with timed_triggers(order_type) as measured:
        assert engine.triggers.tick() == 3
    assert measured == [3, 0.75]


def test_trigger_delay_of_a_sniper_is_from_the_launch_or_from_when_it_began_to_rest(
    engine: Components, clock: ManualClock
) -> None:
    engine.launches.schedule(
        Launch(PEPE, Decimal("0.01"), Decimal(50_000), START + timedelta(seconds=5))
    )
    place(engine, type=OrderType.SNIPER, token_out=MINT, min_liquidity=Decimal(0))
    clock.advance(5.5)
    with timed_triggers(OrderType.SNIPER) as measured:
        assert engine.triggers.tick() == 1
    assert measured == [1, 0.5]

    place(engine, type=OrderType.SNIPER, token_out=MINT, min_liquidity=Decimal(0))
    place(engine, type=OrderType.SNIPER, token_out="RAY", min_liquidity=Decimal(0))
    clock.advance(0.125)
    with timed_triggers(OrderType.SNIPER) as measured:
        assert engine.triggers.tick() == 2
    assert measured == [2, 0.25]


def test_order_that_somebody_else_moved_has_no_trigger_delay(
    engine: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = place(engine, type=OrderType.LIMIT, limit_price=Decimal(100))
    advance_all = engine.order_store.advance_all

    def too_late(moves: list[Transition]) -> set[UUID]:
        monkeypatch.undo()
        engine.submission.cancel(order_id, ANONYMOUS)
        return advance_all(moves)

    monkeypatch.setattr(engine.order_store, "advance_all", too_late)
    with timed_triggers(OrderType.LIMIT) as measured:
        assert engine.triggers.tick() == 0
    assert measured == [0, 0]
    assert status(order_id) == "cancelled"


def test_resting_order_expires_and_does_not_trigger_after(
    engine: Components, clock: ManualClock
) -> None:
    order_id = place(
        engine,
        type=OrderType.LIMIT,
        limit_price=Decimal(200),
        expires_at=START + timedelta(minutes=1),
    )
    clock.advance(61)
    set_price(engine, 230)
    assert engine.triggers.tick() == 0
    assert engine.recovery.expire_resting() == 1
    assert status(order_id) == "expired"


def test_when_one_of_a_group_triggers_the_other_is_cancelled(engine: Components) -> None:
    group = uuid4()
    profit = place(engine, type=OrderType.LIMIT, limit_price=Decimal(200), oco_group=group)
    loss = place(engine, type=OrderType.STOP, stop_price=Decimal(120), oco_group=group)
    set_price(engine, 230)
    engine.triggers.tick()
    assert (status(profit), status(loss)) == ("pending", "cancelled")
    with connection():
        told = {"reason": "oco_triggered", "by": str(profit)}
        assert read_history(loss)[-1].data == told
        assert Order.get_by_id(loss).cancelled_by == told


def test_two_of_a_group_whose_conditions_both_hold_trigger_only_one(engine: Components) -> None:
    group = uuid4()
    both = [
        place(engine, type=OrderType.LIMIT, limit_price=Decimal(price), oco_group=group)
        for price in (100, 120)
    ]
    assert engine.triggers.tick() == 1
    assert sorted(status(order_id) for order_id in both) == ["cancelled", "pending"]


def test_decided_group_takes_no_further_order(engine: Components) -> None:
    group = uuid4()
    place(engine, type=OrderType.LIMIT, limit_price=Decimal(100), oco_group=group)
    engine.triggers.tick()
    with pytest.raises(ValidationFailed) as refused:
        place(engine, type=OrderType.STOP, stop_price=Decimal(120), oco_group=group)
    assert list(refused.value.errors) == ["ocoGroup"]


def test_a_group_whose_winner_was_cancelled_is_open_again(engine: Components) -> None:
    group = uuid4()
    first = place(engine, type=OrderType.LIMIT, limit_price=Decimal(100), oco_group=group)
    engine.triggers.tick()
    engine.submission.cancel(first, ANONYMOUS)
    second = place(engine, type=OrderType.LIMIT, limit_price=Decimal(100), oco_group=group)
    assert engine.triggers.tick() == 1
    assert status(second) == "pending"


def test_many_orders_trigger_across_chunks(engine: Components) -> None:
    placed = [
        place(engine, type=OrderType.LIMIT, limit_price=Decimal(160 + i % 7)) for i in range(600)
    ]
    set_price(engine, 230)
    assert engine.triggers.tick() == 600
    assert {status(order_id) for order_id in placed} == {"pending"}


class CountingMarket(ScriptedMarket):
    """Counts how often it is asked."""

    asked = 0

    def price_usd(self, token: Token, at: datetime | None = None) -> Decimal:
        self.asked += 1
        return super().price_usd(token, at)


def test_look_at_orders_too_large_for_their_price_does_not_grow_with_their_number(
    settings: Settings, clock: ManualClock
) -> None:
    engine = wire(settings, clock, CountingMarket)
    set_price(engine, 150)
    market = engine.market
    assert isinstance(market, CountingMarket)

    def asked_by_a_look() -> int:
        before = market.asked
        assert engine.triggers.tick() == 0
        return market.asked - before

    def rest() -> None:
        amount = Decimal(100_000)
        place(engine, type=OrderType.LIMIT, amount_in=amount, limit_price=Decimal(145))

    rest()
    for_one = asked_by_a_look()
    for _ in range(20):
        rest()
    assert asked_by_a_look() == for_one
    engine.close()
