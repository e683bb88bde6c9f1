"""Ordered moves of the market: where they take a price, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.market.moves import Move
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
    mine = {SOL.mint: moves}
    return Market("test", ManualClock(NOON), TokenRegistry(), lambda mint: mine.get(mint, ()))


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
    moves: list[Move] = []
    clock = ManualClock(after(600))
    made = Market("test", clock, TokenRegistry(), lambda mint: moves if mint == SOL.mint else ())
    before = made.candles(SOL, USDC, 60, NOON, after(60))
    moves.append(move("1", over=0))
    (candle,) = made.candles(SOL, USDC, 60, NOON, after(60))
    assert candle.high > before[0].high * Decimal("1.9")


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-1, "coming"), (1, "moving"), (11, "holding"), (16, "gliding"), (25, "over")],
)
def test_state_says_what_a_move_does(seconds: float, state: str) -> None:
    assert move(hold=5).state(after(seconds)) == state
