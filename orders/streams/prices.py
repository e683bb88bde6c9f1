"""The price of a pair as a live topic: each venue's, the best one, and the reference."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.domain import exact_json
from orders.execution.price_comparison import executed_price
from orders.market.errors import DexError, PoolNotFound
from orders.market.tokens import Token
from orders.market.venue import Venue
from orders.streams.update import Message
from orders.wiring import Components

PRICE_PREFIX = "prices:"


class PriceTopic:
    """The price of a pair, for an amount or, without one, for an amount near zero.

    It is the price that triggers look at, which is known at once and has no venue's latency.
    """

    event = "price_update"

    def __init__(
        self, components: Components, token_in: Token, token_out: Token, amount: Decimal | None
    ) -> None:
        self._components = components
        self._token_in = token_in
        self._token_out = token_out
        self._amount = None if amount is None else Decimal(exact_json.plain(amount.normalize()))
        self.key = f"{PRICE_PREFIX}{token_in.mint}:{token_out.mint}:{self._amount}"

    def read(self) -> Message:
        """The present price. While a token has no pool there are no offers and no reference."""
        now = self._components.clock.now()
        offers = self._offers(now)
        return {
            "type": self.event,
            "tokenIn": self._token_in.symbol,
            "tokenOut": self._token_out.symbol,
            "amountIn": self._amount,
            "timestamp": exact_json.iso(now),
            "reference": self._reference(now),
            "venues": offers,
            "best": min(offers, key=lambda each: (-each["net"], each["dex"]), default=None),
        }

    def _reference(self, now: datetime) -> Decimal | None:
        try:
            return self._components.market.reference_price(self._token_in, self._token_out, now)
        except PoolNotFound:
            return None

    def _offers(self, now: datetime) -> list[dict[str, Any]]:
        offers = []
        for venue in self._components.venues:
            try:
                offers.append(self._offer(venue, now))
            except DexError:
                continue  # The venue does not trade the pair, or not that much of it.
        return offers

    def _offer(self, venue: Venue, now: datetime) -> dict[str, Any]:
        pool = venue.pool_at(self._token_in, self._token_out, now)
        return {
            "dex": venue.name,
            "spot": pool.spot,
            "feeBps": pool.fee_bps,
            "net": pool.best_net if self._amount is None else self._net(venue, now),
        }

    def _net(self, venue: Venue, now: datetime) -> Decimal:
        assert self._amount is not None
        units = self._token_in.to_base(self._amount)
        quote = venue.quote_at(self._token_in, self._token_out, units, now)
        return executed_price(self._amount, quote.amount_out_decimal)
