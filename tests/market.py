"""A market whose prices a test sets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from orders.domain.clock import Clock
from orders.market.prices import Market, MovesOf, no_moves
from orders.market.tokens import Token, TokenRegistry


class ScriptedMarket(Market):
    """A market whose prices a test sets by hand; the tokens it leaves alone keep moving."""

    def __init__(
        self, seed: str, clock: Clock, registry: TokenRegistry, moves_of: MovesOf = no_moves
    ) -> None:
        super().__init__(seed, clock, registry, moves_of)
        self._scripted: dict[str, Decimal] = {}

    def set_price(self, token: Token, usd: Decimal) -> None:
        """From now on `token` costs `usd`, at any time its pool is open."""
        # Anew: candles that were drawn of former prices are forgotten.
        super().__init__(self.seed, self.clock, self.registry, self.moves_of)
        self._scripted[token.mint] = usd

    def price_usd(self, token: Token, at: datetime | None = None) -> Decimal:
        """The price set for `token`, else the market's own. Raises PoolNotFound."""
        own = super().price_usd(token, at)
        return self._scripted.get(token.mint, own)
