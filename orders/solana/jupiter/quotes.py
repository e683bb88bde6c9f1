"""Quotes in Jupiter's form: the best venue's, with a route of one step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.chain.simulated_chain import block_height
from orders.domain.errors import EngineError
from orders.execution.price_comparison import PriceComparer
from orders.market import router
from orders.market.pool import BPS
from orders.market.tokens import Token, TokenRegistry
from orders.market.venue import Quote
from orders.solana.jupiter import reading
from orders.solana.jupiter.errors import CIRCULAR, NO_ROUTE, NOT_SUPPORTED, JupiterError
from orders.solana.jupiter.reading import Fields
from orders.solana.programs import VENUES, pool_address

EXACT_IN = "ExactIn"
DEFAULT_SLIPPAGE_BPS = 50
FULL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A swap of exactly `amount` base units that is to be quoted."""

    token_in: Token
    token_out: Token
    amount: int
    slippage_bps: int
    venues: frozenset[str]

    @classmethod
    def read(cls, fields: Fields, registry: TokenRegistry) -> QuoteRequest:
        """Reads the parameters of `/quote` or `/order`. Raises `JupiterError`."""
        if fields.get("swapMode", EXACT_IN) != EXACT_IN:
            raise JupiterError("Only swapMode ExactIn is supported here", NOT_SUPPORTED)
        reading.refuse_unsupported(fields, ("platformFeeBps",))
        token_in = reading.token(registry, reading.text(fields, "inputMint"))
        token_out = reading.token(registry, reading.text(fields, "outputMint"))
        if token_in.mint == token_out.mint:
            raise JupiterError("Input and output mints are not allowed to be equal", CIRCULAR)
        slippage_bps = reading.whole(
            fields, "slippageBps", least=0, most=BPS, default=DEFAULT_SLIPPAGE_BPS
        )
        amount = reading.amount(fields, "amount")
        return cls(token_in, token_out, amount, slippage_bps, _venues(fields))


@dataclass(frozen=True, slots=True)
class PricedSwap:
    """The best quote for a request, and the minimum that its slippage allows."""

    quote: Quote
    slippage_bps: int
    seconds: float

    @property
    def min_amount_out(self) -> int:
        """The least that the swap may pay, in base units."""
        return router.min_amount_out(self.quote, self.slippage_bps)

    def present(self) -> dict[str, Any]:
        """The quote in Jupiter's form."""
        quote = self.quote
        return {
            "inputMint": quote.token_in.mint,
            "inAmount": str(quote.amount_in),
            "outputMint": quote.token_out.mint,
            "outAmount": str(quote.amount_out),
            "otherAmountThreshold": str(self.min_amount_out),
            "swapMode": EXACT_IN,
            "slippageBps": self.slippage_bps,
            "platformFee": None,
            "priceImpactPct": f"{quote.price_impact:f}",
            "routePlan": [_route_step(quote)],
            "contextSlot": block_height(quote.quoted_at),
            "timeTaken": Decimal(f"{self.seconds:.6f}"),
        }


def price(asked: QuoteRequest, comparer: PriceComparer) -> PricedSwap:
    """The best quote of the venues that the request allows. Raises `JupiterError` or `DexError`."""
    started = time.perf_counter()
    try:
        comparison = comparer.compare(
            asked.token_in,
            asked.token_out,
            asked.token_in.from_base(asked.amount),
            asked.slippage_bps,
        )
    except EngineError as error:
        raise JupiterError(str(error)) from None
    usable = [quote for quote in comparison.quotes if quote.dex in asked.venues]
    if not usable:
        raise JupiterError("Could not find any route", NO_ROUTE)
    return PricedSwap(router.best(usable), asked.slippage_bps, time.perf_counter() - started)


def label(venue: str) -> str:
    """A venue's name in Jupiter's spelling."""
    return venue.capitalize()


def _route_step(quote: Quote) -> dict[str, Any]:
    fee = quote.amount_in - quote.amount_in * (BPS - quote.fee_bps) // BPS
    pool = pool_address(quote.dex, quote.token_in.mint, quote.token_out.mint)
    return {
        "swapInfo": {
            "ammKey": str(pool),
            "label": label(quote.dex),
            "inputMint": quote.token_in.mint,
            "outputMint": quote.token_out.mint,
            "inAmount": str(quote.amount_in),
            "outAmount": str(quote.amount_out),
            "feeAmount": str(fee),
            "feeMint": quote.token_in.mint,
        },
        "percent": FULL_PERCENT,
        "bps": BPS,
    }


def _venues(fields: Fields) -> frozenset[str]:
    """The venues that `dexes` and `excludeDexes`, both lists of labels, leave."""
    only, without = _labels(fields.get("dexes")), _labels(fields.get("excludeDexes"))
    return frozenset(
        venue for venue in VENUES if (not only or venue in only) and venue not in without
    )


def _labels(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    words = value if isinstance(value, list) else str(value).split(",")
    return frozenset(str(word).strip().lower() for word in words if str(word).strip())
