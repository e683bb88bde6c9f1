"""The best prices of all venues for a pair, now and as candles; resting orders are compared with
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from orders.market.candles import Candle, Candles
from orders.market.prices import Market
from orders.market.tokens import Token
from orders.market.venue import Venue


class PriceKind(StrEnum):
    """A kind of price that a pair has."""

    REFERENCE = "reference"
    """The market's reference price, around which the venues stand."""
    SPOT = "spot"
    """The best venue's price before fee and impact, which stop orders are compared with."""
    NET = "net"
    """The best venue's price after its fee, for an amount near zero; limits above it never fill."""


@dataclass(frozen=True, slots=True)
class BestPools:
    """The best of all venues' pools for a pair; prices in tokenOut per 1 tokenIn."""

    spot: Decimal
    net: Decimal
    liquidity_usd: Decimal


def best_pools(
    venues: Sequence[Venue], token_in: Token, token_out: Token, at: datetime
) -> BestPools:
    """The best of the pair's pools at that moment. Raises DexError."""
    pools = [venue.pool_at(token_in, token_out, at) for venue in venues]
    return BestPools(
        spot=max(pool.spot for pool in pools),
        net=max(pool.best_net for pool in pools),
        liquidity_usd=max(pool.liquidity_usd for pool in pools),
    )


class PairPrices:
    """Prices of pairs, of each kind. One per process."""

    def __init__(self, market: Market, venues: Sequence[Venue]) -> None:
        self._market = market
        self._venues = venues
        self._spot = Candles(lambda *swap: best_pools(self._venues, *swap).spot)
        self._net = Candles(lambda *swap: best_pools(self._venues, *swap).net)

    def best(self, token_in: Token, token_out: Token, at: datetime) -> BestPools:
        """The venues' best price at that moment. Raises DexError."""
        return best_pools(self._venues, token_in, token_out, at)

    def candles(
        self,
        kind: PriceKind,
        token_in: Token,
        token_out: Token,
        interval_s: int,
        start: datetime,
        end: datetime,
    ) -> list[Candle]:
        """Candles of that price, in the form of `Market.candles`."""
        if kind is PriceKind.REFERENCE:
            return self._market.candles(token_in, token_out, interval_s, start, end)
        chart = self._market.chart(token_in, token_out, interval_s)
        drawn = self._spot if kind is PriceKind.SPOT else self._net
        return drawn.draw(chart, start, end, self._market.clock.now())
