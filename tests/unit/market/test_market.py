"""Prices are a pure, smooth function of seed, token and time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.market.errors import PoolNotFound
from orders.market.prices import Market
from orders.market.tokens import (
    JITOSOL,
    SOL,
    TOKENS,
    USDC,
    USDT,
    Launch,
    Token,
    TokenRegistry,
)
from tests.clock import ManualClock
from tests.market import ScriptedMarket

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEW = Token("NEW", "9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeJ9E", 6, "New")
LAUNCH = Launch(NEW, Decimal("0.0123"), Decimal(40_000), NOON + timedelta(hours=1))

seeds = st.text(max_size=8)
tokens = st.sampled_from(TOKENS)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def market_of(seed: str = "test") -> Market:
    return Market(seed, ManualClock(NOON), TokenRegistry(lambda: [LAUNCH]))


@given(seeds, tokens, times)
def test_every_process_computes_the_same_price(seed: str, token: Token, at: datetime) -> None:
    assert market_of(seed).price_usd(token, at) == market_of(seed).price_usd(token, at)


def test_prices_of_a_known_seed_never_change() -> None:
    """Recorded once: another machine or version must come to the same digits."""
    prices = {token.symbol: str(market_of().price_usd(token, NOON)) for token in TOKENS[:3]}
    assert prices == {
        "SOL": "169.010957473",
        "USDC": "0.999914710252",
        "USDT": "0.999819472371",
    }


@given(tokens, times)
def test_prices_are_positive_with_at_most_12_digits(token: Token, at: datetime) -> None:
    price = market_of().price_usd(token, at)
    assert price > 0
    assert len(price.as_tuple().digits) <= 12


@given(seeds, tokens, times)
def test_a_price_moves_little_within_a_second(seed: str, token: Token, at: datetime) -> None:
    market = market_of(seed)
    before, after = market.price_usd(token, at), market.price_usd(token, at + timedelta(seconds=1))
    assert abs(after - before) / before < Decimal("0.01")


def test_a_price_does_move_within_a_minute() -> None:
    market = market_of()
    prices = {market.price_usd(SOL, NOON + timedelta(seconds=s)) for s in range(60)}
    assert len(prices) == 60


def test_another_seed_is_another_market() -> None:
    assert market_of("a").price_usd(SOL) != market_of("b").price_usd(SOL)


@given(seeds, st.sampled_from([USDC, USDT]), times)
def test_stable_coins_stay_near_a_dollar(seed: str, token: Token, at: datetime) -> None:
    assert abs(market_of(seed).price_usd(token, at) - 1) < Decimal("0.0014")


@given(seeds, times)
def test_staked_sol_follows_sol(seed: str, at: datetime) -> None:
    market = market_of(seed)
    ratio = market.reference_price(JITOSOL, SOL, at)
    assert abs(ratio / Decimal("1.268") - 1) < Decimal("0.001")


@given(tokens, tokens, times)
def test_the_reverse_pair_has_the_reciprocal_price(a: Token, b: Token, at: datetime) -> None:
    product = market_of().reference_price(a, b, at) * market_of().reference_price(b, a, at)
    assert abs(product - 1) < Decimal("1E-10")


class TestLaunchedToken:
    def test_launched_token_has_no_price_and_no_pool_before_its_launch(self) -> None:
        market = market_of()
        with pytest.raises(PoolNotFound, match="NEW has no pool yet"):
            market.price_usd(NEW, LAUNCH.live_at - timedelta(microseconds=1))
        with pytest.raises(PoolNotFound):
            market.liquidity_usd(USDC, NEW, Decimal(100_000))

    def test_launched_token_opens_at_exactly_its_launch_price(self) -> None:
        assert market_of().price_usd(NEW, LAUNCH.live_at) == LAUNCH.price_usd

    def test_launched_token_moves_after_its_launch(self) -> None:
        later = LAUNCH.live_at + timedelta(days=1)
        assert market_of().price_usd(NEW, later) != LAUNCH.price_usd

    def test_launched_pool_holds_the_launchs_liquidity(self) -> None:
        market = market_of()
        assert market.liquidity_usd(USDC, NEW, Decimal(100_000), LAUNCH.live_at) == 40_000
        assert market.liquidity_usd(USDC, SOL, Decimal(100_000)) == 100_000

    def test_an_unknown_token_has_no_pool(self) -> None:
        unknown = Token("WHO", "1" * 32, 6, "Who")
        with pytest.raises(PoolNotFound):
            market_of().price_usd(unknown)
        with pytest.raises(PoolNotFound):
            market_of().candles(unknown, USDC, 60, NOON, NOON)


class TestCandles:
    def test_candle_opens_where_the_one_before_closed(self) -> None:
        candles = market_of().candles(SOL, USDC, 60, NOON - timedelta(hours=1), NOON)
        assert len(candles) == 60
        assert [c.close for c in candles[:-1]] == [c.open for c in candles[1:]]

    @settings(max_examples=30)
    @given(tokens, st.integers(1, 86_400))
    def test_high_and_low_enclose_open_and_close(self, token: Token, interval_s: int) -> None:
        start = NOON - timedelta(seconds=5 * interval_s)
        for candle in market_of().candles(token, SOL, interval_s, start, NOON):
            assert candle.low <= min(candle.open, candle.close)
            assert candle.high >= max(candle.open, candle.close)

    def test_first_candle_holds_the_start(self) -> None:
        start = NOON - timedelta(minutes=7)
        candles = market_of().candles(SOL, USDC, 300, start, NOON)
        assert candles[0].time == NOON - timedelta(minutes=10)

    def test_running_candle_closes_at_the_present_price(self) -> None:
        market = market_of()
        (candle,) = market.candles(SOL, USDC, 86_400, NOON, NOON + timedelta(days=9))
        assert candle.close == market.reference_price(SOL, USDC)
        assert candle.time == NOON - timedelta(hours=12)

    def test_past_candles_stay_as_they_were(self) -> None:
        clock = ManualClock(NOON)
        market = Market("test", clock, TokenRegistry())
        start = NOON - timedelta(hours=1)
        before = market.candles(SOL, USDC, 60, start, NOON)
        clock.advance(3600)
        assert market.candles(SOL, USDC, 60, start, NOON) == before

    def test_no_candle_is_in_the_future(self) -> None:
        assert (
            market_of().candles(SOL, USDC, 60, NOON + timedelta(hours=1), NOON + timedelta(hours=2))
            == []
        )

    def test_a_launched_token_has_none_before_its_launch(self) -> None:
        clock = ManualClock(NOON)
        market = Market("test", clock, TokenRegistry(lambda: [LAUNCH]))
        assert market.candles(NEW, USDC, 60, NOON - timedelta(days=1), NOON) == []
        clock.set(LAUNCH.live_at + timedelta(minutes=10))
        candles = market.candles(NEW, USDC, 60, NOON - timedelta(days=1), clock.now())
        assert candles[0].time == LAUNCH.live_at
        assert candles[0].open == market.reference_price(NEW, USDC, LAUNCH.live_at)

    def test_an_interval_below_a_second_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least one second"):
            market_of().candles(SOL, USDC, 0, NOON, NOON)


class TestScriptedMarket:
    def test_a_price_set_by_hand_holds_at_any_time(self) -> None:
        market = ScriptedMarket("test", ManualClock(NOON), TokenRegistry())
        market.set_price(SOL, Decimal(200))
        assert market.price_usd(SOL) == market.price_usd(SOL, NOON - timedelta(days=9)) == 200
        assert market.price_usd(USDC) == market_of().price_usd(USDC)

    def test_candles_follow_the_script(self) -> None:
        market = ScriptedMarket("test", ManualClock(NOON), TokenRegistry())
        for price in (Decimal(100), Decimal(50)):
            market.set_price(SOL, price)
            market.set_price(USDC, Decimal(1))
            candles = market.candles(SOL, USDC, 60, NOON - timedelta(minutes=3), NOON)
            assert {(c.open, c.high, c.low, c.close) for c in candles} == {(price,) * 4}

    def test_token_without_a_pool_has_no_price(self) -> None:
        market = ScriptedMarket("test", ManualClock(NOON), TokenRegistry(lambda: [LAUNCH]))
        market.set_price(NEW, Decimal(5))
        with pytest.raises(PoolNotFound):
            market.price_usd(NEW)
        assert market.price_usd(NEW, LAUNCH.live_at) == 5
