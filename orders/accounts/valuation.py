"""Values base units in USD by the market's reference price at a time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from orders.accounts.portfolio import EXACT
from orders.market.errors import PoolNotFound
from orders.market.prices import Market
from orders.market.tokens import Token, TokenRegistry


class Valuation:
    """Values holdings. One per process."""

    def __init__(self, market: Market, registry: TokenRegistry) -> None:
        self._market = market
        self._registry = registry

    def price_of(self, mint: str, units: int, at: datetime) -> Decimal:
        """The USD value of base units at that time. Raises `PoolNotFound`."""
        token = self.token(mint)
        price = self._market.price_usd(token, at)
        return EXACT.multiply(token.from_base(units), price)

    def value_of(self, mint: str, units: int, at: datetime) -> Decimal:
        """As `price_of`, but zero for a token that had no price then."""
        try:
            return self.price_of(mint, units, at)
        except PoolNotFound:
            return Decimal(0)

    def worth(self, mint: str, amount: Decimal, at: datetime) -> Decimal | None:
        """The USD value of an amount of the token at that time; None without a price."""
        try:
            return EXACT.multiply(amount, self._market.price_usd(self.token(mint), at))
        except PoolNotFound:
            return None

    def token(self, mint: str) -> Token:
        """The token of this mint. Raises `PoolNotFound`."""
        token = self._registry.find(mint)
        if token is None:
            raise PoolNotFound()
        return token
