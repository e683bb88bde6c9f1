"""A token's prices of the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal

from orders.market.errors import PoolNotFound
from orders.market.prices import Market
from orders.market.tokens import Token

DAY = timedelta(days=1)
POINTS = 24
_PERCENT = Context(prec=6)


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """USD prices of a token over the last 24 hours, oldest first; the last one is the present
    price.

    A token that launched within that time has fewer, one that is not launched yet none.
    """

    prices: tuple[Decimal, ...]

    @property
    def now(self) -> Decimal | None:
        """The present price."""
        return self.prices[-1] if self.prices else None

    @property
    def change_percent(self) -> Decimal | None:
        """The change in percent; None if there was no price 24 hours ago."""
        if len(self.prices) <= POINTS:
            return None
        before, now = self.prices[0], self.prices[-1]
        return _PERCENT.multiply(_PERCENT.divide(now - before, before), Decimal(100))


def last_day(market: Market, token: Token, now: datetime) -> PriceHistory:
    """The token's prices until `now`, at `POINTS` equal steps."""
    times = (now - DAY * step / POINTS for step in range(POINTS, -1, -1))
    prices = (_price(market, token, at) for at in times)
    return PriceHistory(tuple(price for price in prices if price is not None))


def _price(market: Market, token: Token, at: datetime) -> Decimal | None:
    try:
        return market.price_usd(token, at)
    except PoolNotFound:
        return None
