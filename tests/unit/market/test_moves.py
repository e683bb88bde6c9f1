"""Ordered moves of the market: where they take a price, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.market.moves import Move, Timeline, forgettable, moved_price
from orders.market.prices import PRICE_CONTEXT, Market
from orders.market.tokens import MSOL, SOL, USDC, TokenRegistry
from tests.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def move(change: str = "0.1", over: int = 10, hold: int | None = None, **fields: Any) -> Move:
    held = None if hold is None else timedelta(seconds=hold)
    return Move(
        UUID(int=1), SOL.mint, Decimal(change), NOON, timedelta(seconds=over), held, **fields
    )


def market(*moves: Move) -> Market:
    mine, none = {SOL.mint: Timeline(moves)}, Timeline()
    return Market("test", ManualClock(NOON), TokenRegistry(), lambda mint: mine.get(mint, none))


def factor(made: Market, at: datetime) -> Decimal:
    """How far SOL's price is from the course that it would have by itself."""
    own = market().price_usd(SOL, at)
    return (made.price_usd(SOL, at) / own).quantize(Decimal("0.000001"))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "1"), (0, "1"), (5, "1.05"), (10, "1.1"), (14.9, "1.1"), (20, "1.05"), (25, "1")],
)
def test_price_goes_there_in_a_straight_line_stays_and_glides_back(
    seconds: float, expected: str
) -> None:
    made = market(move(hold=5))
    assert factor(made, after(seconds)) == Decimal(expected)


def test_move_without_a_hold_stays_until_it_is_ended() -> None:
    assert factor(market(move()), after(86_400)) == Decimal("1.1")
    ended = market(move(ended_at=after(100)))
    assert [factor(ended, after(at)) for at in (99, 105, 110)] == [
        Decimal("1.1"), Decimal("1.05"), Decimal(1),
    ]  # fmt: skip


def test_move_that_is_ended_on_its_way_glides_back_from_there() -> None:
    made = market(move(ended_at=after(5)))
    assert [factor(made, after(at)) for at in (5, 10, 15)] == [
        Decimal("1.05"), Decimal("1.025"), Decimal(1),
    ]  # fmt: skip


def test_move_in_no_time_is_a_jump() -> None:
    made = market(move("-0.5", over=0, hold=1))
    assert [factor(made, after(at)) for at in (-0.01, 0, 0.99, 1)] == [
        Decimal(1), Decimal("0.5"), Decimal("0.5"), Decimal(1),
    ]  # fmt: skip


def test_moves_of_one_token_multiply() -> None:
    assert factor(market(move(), move("-0.5")), after(10)) == Decimal("0.55")


def test_frozen_price_stands_still_and_joins_its_own_course_again() -> None:
    made = market(move("0", freeze=True, hold=50))
    held = {made.price_usd(SOL, after(at)) for at in (0, 1, 30, 59)}
    assert held == {market().price_usd(SOL, NOON)}
    assert made.price_usd(SOL, after(70)) == market().price_usd(SOL, after(70))


def test_frozen_price_can_be_moved() -> None:
    made = market(move("0", freeze=True), move("0.2"))
    frozen = market().price_usd(SOL, NOON)
    assert made.price_usd(SOL, after(30)) == PRICE_CONTEXT.multiply(frozen, Decimal("1.2"))


def test_tokens_that_follow_move_along_and_others_do_not() -> None:
    made, own = market(move()), market()
    at = after(10)
    ratio = made.price_usd(MSOL, at) / own.price_usd(MSOL, at)
    assert ratio.quantize(Decimal("0.000001")) == Decimal("1.1")
    assert made.price_usd(USDC, at) == own.price_usd(USDC, at)


def test_candles_that_were_drawn_before_show_a_move_that_becomes_known() -> None:
    known = {SOL.mint: Timeline(), USDC.mint: Timeline()}
    made = Market("test", ManualClock(after(600)), TokenRegistry(), known.__getitem__)
    before = made.candles(SOL, USDC, 60, NOON, after(60))
    known[SOL.mint] = Timeline([move("1", over=0)])
    (candle,) = made.candles(SOL, USDC, 60, NOON, after(60))
    assert candle.high > before[0].high * Decimal("1.9")


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-1, "coming"), (1, "moving"), (11, "holding"), (16, "gliding"), (25, "over")],
)
def test_state_says_what_a_move_does(seconds: float, state: str) -> None:
    assert move(hold=5).state(after(seconds)) == state


def freeze(start: int, over: int, hold: int | None = 0) -> Move:
    """A freeze that begins so many seconds after noon."""
    one = move("0", over, hold, freeze=True)
    return replace(one, id=UUID(int=start), starts_at=after(start))


def test_chain_of_overlapping_freezes_asks_for_each_own_price_once() -> None:
    """Ten overlap at any moment, and each depends on all before it."""
    asked: list[datetime] = []

    def own(at: datetime) -> Decimal:
        asked.append(at)
        return Decimal(100)

    chain = Timeline(freeze(second, over=10) for second in range(400))
    assert moved_price(own, chain, after(399.5), {}) == 100
    assert len(asked) == len(set(asked)) <= 401


def test_freeze_that_begins_in_another_one_joins_the_price_where_it_is() -> None:
    made = market(freeze(0, over=10, hold=0), freeze(15, over=0, hold=10))
    half = (made.price_usd(SOL, NOON) + market().price_usd(SOL, after(15))) / 2
    assert made.price_usd(SOL, after(20)) == PRICE_CONTEXT.plus(half)


def ended(start: int, **fields: Any) -> Move:
    """A move that is over within a second, so many seconds after noon."""
    one = move("0.1", 0, 1, **fields)
    return replace(one, id=UUID(int=start), starts_at=after(start))


def test_oldest_moves_are_forgotten_and_none_that_is_not_over() -> None:
    held = replace(move("-0.2", over=0), id=UUID(int=10**6))
    moves = [held, *(ended(second) for second in range(10))]
    gone = forgettable(moves, after(100), most=3)
    assert {each.id.int for each in gone} == set(range(7))


def test_moves_that_a_freeze_began_in_are_kept_for_its_price() -> None:
    first = ended(0)
    frozen = replace(freeze(0, over=0, hold=None), id=UUID(int=99), starts_at=after(0.5))
    assert forgettable([first, frozen], after(100), most=0) == []
    assert forgettable([first, ended(1), frozen], after(100), most=0) == [ended(1)]
    whole, less = market(first, ended(1), frozen), market(first, frozen)
    assert whole.price_usd(SOL, after(50)) == less.price_usd(SOL, after(50))


def test_freezes_that_lead_to_a_kept_one_are_kept_too() -> None:
    chain = [freeze(second, over=2) for second in range(5)]
    last = replace(freeze(5, over=0, hold=None), id=UUID(int=99))
    assert forgettable([*chain, last], after(100), most=0) == []
    assert len(forgettable([*chain], after(100), most=0)) == 5
