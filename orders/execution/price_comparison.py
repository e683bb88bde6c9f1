"""Comparing prices: asks all venues for quotes and presents them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from threading import BoundedSemaphore
from typing import Any

from orders.config import Settings
from orders.domain.clock import Clock
from orders.market import router
from orders.market.errors import DexError, VenueTimeout
from orders.market.scenarios.conditions import Conditions
from orders.market.tokens import Token
from orders.market.venue import Quote, Venue

PRICE_CONTEXT = Context(prec=18)
"""Prices that are quotients are rounded to 18 significant digits."""


@dataclass(frozen=True, slots=True)
class PriceComparison:
    """The venues' quotes for one swap and the best of them; amounts in base units."""

    quotes: tuple[Quote, ...]
    errors: dict[str, DexError]
    best: Quote
    reason: str
    max_slippage_bps: int
    floor: int

    @property
    def min_amount_out(self) -> int:
        """Base units of the token bought below which the swap must not fill."""
        return router.min_amount_out(self.best, self.max_slippage_bps, self.floor)

    def present(self, quote: Quote) -> dict[str, Any]:
        """A quote as clients see it."""
        minimum = router.min_amount_out(quote, self.max_slippage_bps, self.floor)
        return {
            "dex": quote.dex,
            "price": quote.price,
            "feeBps": quote.fee_bps,
            "priceImpact": quote.price_impact,
            "amountOut": quote.amount_out_decimal,
            "minAmountOut": quote.token_out.from_base(minimum),
        }

    def present_all(self) -> list[dict[str, Any]]:
        """All quotes as clients see them."""
        return [self.present(quote) for quote in self.quotes]

    def present_routing(self) -> dict[str, Any]:
        """The routing decision, by venue; `fee` and `priceImpact` are fractions of the amount."""
        offers: dict[str, Any] = {
            quote.dex: {
                "outputAmount": quote.amount_out_decimal,
                "fee": Decimal(quote.fee_bps).scaleb(-4),
                "price": quote.price,
                "priceImpact": quote.price_impact,
            }
            for quote in self.quotes
        }
        return {**offers, "selected": self.best.dex}


class PriceComparer:
    """Quotes from all venues in parallel, for at most `parallel_swaps` swaps at once. One per
    process.
    """

    def __init__(
        self, settings: Settings, clock: Clock, venues: Sequence[Venue], parallel_swaps: int
    ) -> None:
        self._clock = clock
        self._timeout_s = settings.quote_timeout_ms / 1000
        self._venues = tuple(venues)
        self._places = BoundedSemaphore(parallel_swaps)
        self._pool = ThreadPoolExecutor(
            max_workers=parallel_swaps * len(self._venues), thread_name_prefix="quote"
        )

    def compare(
        self,
        token_in: Token,
        token_out: Token,
        amount_in: Decimal,
        max_slippage_bps: int,
        limit_price: Decimal | None = None,
        conditions: Conditions | None = None,
    ) -> PriceComparison:
        """Quotes a swap of `amount_in` and chooses the best net output.

        It waits at most `quote_timeout_ms` until fewer swaps are quoted, and then as long for the
        venues. `conditions` are what an order with a scenario meets. Raises `DexError` when no
        venue gives a usable quote.
        """
        units = token_in.to_base(amount_in)
        with self._place():
            quotes = router.get_quotes(
                self._venues,
                token_in,
                token_out,
                units,
                self._timeout_s,
                self._pool,
                clock=self._clock,
                conditions=conditions,
            )
        best = router.best(quotes.quotes)
        floor = limit_floor(token_out, amount_in, limit_price)
        reason = router.explain(quotes.quotes, best)
        return PriceComparison(quotes.quotes, quotes.errors, best, reason, max_slippage_bps, floor)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._timeout_s):
            raise VenueTimeout("Too many quotes are asked for; try again in a moment.")
        try:
            yield
        finally:
            self._places.release()

    def venue(self, name: str) -> Venue:
        """The venue of that name."""
        return next(venue for venue in self._venues if venue.name == name)

    def close(self) -> None:
        """Stops the threads and abandons pending quotes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def limit_floor(token_out: Token, amount_in: Decimal, limit_price: Decimal | None) -> int:
    """The least base units that a limit order must receive, rounded up; 0 without a limit."""
    if limit_price is None:
        return 0
    exact = (
        Context(prec=80)
        .multiply(amount_in, limit_price)
        .scaleb(token_out.decimals, Context(prec=80))
    )
    return int(exact.to_integral_value(ROUND_CEILING))


def executed_price(amount_in: Decimal, amount_out: Decimal) -> Decimal:
    """tokenOut received per tokenIn spent, to 18 significant digits."""
    return PRICE_CONTEXT.divide(amount_out, amount_in).normalize(PRICE_CONTEXT)
