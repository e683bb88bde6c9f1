"""What every venue must do, run on each of them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.config import Settings
from orders.market.errors import (
    InsufficientLiquidity,
    PoolNotFound,
    RpcUnavailable,
    VenueTimeout,
)
from orders.market.faults import VENUE_FAULTS, Faults
from orders.market.prices import Market
from orders.market.tokens import BONK, SOL, TOKENS, USDC, Launch, Token, TokenRegistry
from orders.market.venue import Quote, SwapInstruction, Venue
from orders.market.venues import METEORA, RAYDIUM, simulated_venues
from tests.clock import ManualClock

NEW = Token("NEW", "9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeJ9E", 0, "New")


@dataclass(frozen=True)
class Kind:
    """Makes one of the venues that orders are routed to, on a market of the test."""

    name: str

    def __call__(
        self, market: Market, clock: ManualClock, *, faults: str = "", **changes: Any
    ) -> Venue:
        venues = simulated_venues(Settings(**changes), market, clock, Faults.parse(faults))
        return next(venue for venue in venues if venue.name == self.name)


@pytest.fixture(params=[RAYDIUM, METEORA])
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


def net_price(quote: Quote) -> Decimal:
    """tokenOut per 1 tokenIn after fee and impact."""
    return quote.amount_out_decimal / quote.token_in.from_base(quote.amount_in)


@pytest.fixture
def venue(kind: Kind, market: Market, clock: ManualClock) -> Venue:
    return kind(market, clock)


def test_a_quote_answers_what_was_asked(venue: Venue, clock: ManualClock) -> None:
    quote = venue.quote(SOL, USDC, 2_500_000_000)
    assert (quote.dex, quote.token_in, quote.token_out) == (venue.name, SOL, USDC)
    assert quote.amount_in == 2_500_000_000
    assert quote.quoted_at == clock.now()
    assert quote.amount_out_decimal == USDC.from_base(quote.amount_out)


def test_a_quote_takes_the_latency_of_the_venue(venue: Venue, clock: ManualClock) -> None:
    asked_at = clock.now()
    assert venue.quote(SOL, USDC, 10**9).quoted_at - asked_at == timedelta(milliseconds=200)


@pytest.mark.parametrize("token_in", TOKENS, ids=lambda t: t.symbol)
def test_amount_is_price_less_fee_and_impact(venue: Venue, token_in: Token) -> None:
    token_out = SOL if token_in != SOL else BONK
    amount_in = token_in.to_base(Decimal(3))
    quote = venue.quote(token_in, token_out, amount_in)
    expected = (
        token_in.from_base(amount_in)
        * quote.price
        * (1 - Decimal(quote.fee_bps) / 10_000)
        * (1 - quote.price_impact)
    )
    assert abs(quote.amount_out_decimal - expected) <= expected / 10**4 + token_out.from_base(1)
    assert net_price(quote) < quote.price


def test_a_larger_swap_gets_a_worse_price(venue: Venue) -> None:
    small, large = venue.quote(SOL, USDC, 10**9), venue.quote(SOL, USDC, 100 * 10**9)
    assert large.price_impact > small.price_impact
    assert net_price(large) < net_price(small)
    assert large.amount_out > small.amount_out


def test_the_impact_follows_from_half_of_the_pool(
    kind: Kind, market: Market, clock: ManualClock
) -> None:
    pool: dict[str, Any] = {
        f"{kind.name}_fee_bps": 0,
        f"{kind.name}_liquidity_usd": 1_000_000,
    }
    venue = kind(market, clock, **pool)
    reserve_in = 500_000 / market.price_usd(SOL)
    at = clock.now()
    quote = venue.quote_at(SOL, USDC, SOL.to_base(reserve_in.quantize(Decimal("1E-9"))) // 3, at)
    assert abs(quote.price_impact - Decimal("0.25")) < Decimal("0.00001")


def test_swapping_there_and_back_loses(venue: Venue) -> None:
    there = venue.quote(SOL, USDC, 10**9)
    assert venue.quote(USDC, SOL, there.amount_out).amount_out < 10**9


def test_the_reverse_pair_has_the_reciprocal_price(
    kind: Kind, market: Market, clock: ManualClock
) -> None:
    venue = kind(market, clock)
    there, back = (venue.pool_at(*pair, clock.now()) for pair in ((SOL, USDC), (USDC, SOL)))
    product = there.spot * back.spot
    assert abs(product - 1) < Decimal("1E-10")


def test_more_than_the_pool_holds_is_refused(venue: Venue) -> None:
    with pytest.raises(InsufficientLiquidity):
        venue.quote(USDC, SOL, USDC.to_base(Decimal(1_000_000)))


def test_dust_that_buys_nothing_is_refused(venue: Venue) -> None:
    with pytest.raises(InsufficientLiquidity):
        venue.quote(SOL, USDC, 1)


def test_swap_of_nothing_or_for_the_same_token_is_refused(venue: Venue) -> None:
    with pytest.raises(ValueError, match="positive amount"):
        venue.quote(SOL, USDC, 0)
    with pytest.raises(ValueError, match="one token for another"):
        venue.quote(SOL, SOL, 1)


def test_a_launched_token_trades_from_its_launch_on(kind: Kind, clock: ManualClock) -> None:
    live_at = clock.now() + timedelta(minutes=1)
    launch = Launch(NEW, Decimal("0.5"), Decimal(10_000), live_at)
    venue = kind(Market("test", clock, TokenRegistry(lambda: [launch])), clock)
    with pytest.raises(PoolNotFound):
        venue.quote(USDC, NEW, 10**6)
    clock.set(live_at)
    with pytest.raises(InsufficientLiquidity):
        venue.quote(USDC, NEW, USDC.to_base(Decimal(6_000)))
    assert 180 < venue.quote(USDC, NEW, USDC.to_base(Decimal(100))).amount_out < 210


def test_venue_builds_the_quoted_swap(venue: Venue) -> None:
    quote = venue.quote(SOL, USDC, 10**9)
    assert venue.build(quote, quote.amount_out - 5) == SwapInstruction(
        dex=venue.name,
        token_in_mint=SOL.mint,
        token_out_mint=USDC.mint,
        amount_in=10**9,
        quoted_amount_out=quote.amount_out,
        min_amount_out=quote.amount_out - 5,
    )


def test_the_pool_bounds_what_a_quote_can_pay(venue: Venue, clock: ManualClock) -> None:
    pool = venue.pool_at(SOL, USDC, clock.now())
    quote = venue.quote_at(SOL, USDC, 10**6, clock.now())
    assert pool.spot == quote.price
    assert Decimal("0.999") < net_price(quote) / pool.best_net <= 1
    assert pool.liquidity_usd > 0


def test_venue_refuses_to_build_on_another_venues_quote(
    venue: Venue, market: Market, clock: ManualClock
) -> None:
    other = Kind(METEORA if venue.name == RAYDIUM else RAYDIUM)
    quote = other(market, clock).quote(SOL, USDC, 10**9)
    with pytest.raises(ValueError, match=venue.name):
        venue.build(quote, 1)


FAILURES = {
    "timeout": VenueTimeout,
    "down": RpcUnavailable,
    "insufficient_liquidity": InsufficientLiquidity,
}


@pytest.mark.parametrize("fault", sorted(FAILURES))
def test_a_forced_failure_is_raised(
    kind: Kind, market: Market, clock: ManualClock, fault: str
) -> None:
    venue = kind(market, clock, quote_latency_ms=0, faults=f"{kind.name}:{fault}")
    with pytest.raises(FAILURES[fault]):
        venue.quote(SOL, USDC, 10**9)


@pytest.mark.parametrize("fault", sorted(VENUE_FAULTS - FAILURES.keys()))
def test_a_forced_distortion_shows(
    kind: Kind, market: Market, clock: ManualClock, fault: str
) -> None:
    venue = kind(market, clock, quote_latency_ms=0, faults=f"{kind.name}:{fault}")
    quote, honest = venue.quote(SOL, USDC, 10**9), venue.quote_at(SOL, USDC, 10**9, clock.now())
    shows = {
        "nan": quote.price.is_nan(),
        "zero": quote.amount_out == 0,
        "negative": quote.amount_out == -honest.amount_out,
        "stale": quote.quoted_at < honest.quoted_at,
    }
    assert [name for name, shown in shows.items() if shown] == [fault]


@pytest.mark.parametrize("fault", sorted(VENUE_FAULTS))
def test_a_fault_of_the_other_venue_changes_nothing(
    kind: Kind, market: Market, clock: ManualClock, fault: str
) -> None:
    other = METEORA if kind.name == RAYDIUM else RAYDIUM
    venue = kind(market, clock, quote_latency_ms=0, faults=f"{other}:{fault}")
    assert venue.quote(SOL, USDC, 10**9) == venue.quote_at(SOL, USDC, 10**9, clock.now())
