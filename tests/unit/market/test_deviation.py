"""The venues always disagree, by 2 to 5 %."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.market.deviation import spot_price
from orders.market.prices import Market
from orders.market.tokens import SOL, TOKENS, USDC, Token, TokenRegistry
from tests.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
pairs = st.permutations(TOKENS).map(lambda tokens: (tokens[0], tokens[1]))


def both(seed: str, pair: tuple[Token, Token], at: datetime) -> tuple[Decimal, Decimal]:
    market = Market(seed, ManualClock(NOON), TokenRegistry())
    return spot_price(market, 1, *pair, at), spot_price(market, -1, *pair, at)


@given(st.text(max_size=8), pairs, times)
def test_venues_differ_by_2_to_5_percent(
    seed: str, pair: tuple[Token, Token], at: datetime
) -> None:
    low, high = sorted(both(seed, pair, at))
    assert Decimal("0.02") <= (high - low) / high < (high - low) / low <= Decimal("0.05")


@given(st.text(max_size=8), pairs, times)
def test_the_better_venue_sells_dearer_and_buys_dearer(
    seed: str, pair: tuple[Token, Token], at: datetime
) -> None:
    there, back = both(seed, pair, at), both(seed, pair[::-1], at)
    assert (there[0] > there[1]) == (back[0] < back[1])
    assert all(abs(a * b - 1) < Decimal("1E-10") for a, b in zip(there, back, strict=True))


def test_either_venue_is_the_better_one_at_times() -> None:
    hours = (both("test", (SOL, USDC), NOON + timedelta(hours=h)) for h in range(48))
    assert {a > b for a, b in hours} == {True, False}


def test_a_venue_without_a_side_has_the_reference_price() -> None:
    market = Market("test", ManualClock(NOON), TokenRegistry())
    assert spot_price(market, 0, SOL, USDC, NOON) == market.reference_price(SOL, USDC)
