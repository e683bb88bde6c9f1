"""A venue's interface for routing and triggers. A real venue is a class with these methods."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from orders.market.scenarios.conditions import Conditions
from orders.market.tokens import Token


@dataclass(frozen=True, slots=True)
class Quote:
    """A venue's offer: amounts in base units, net of fee and price impact.

    `price` is the spot price, tokenOut per 1 tokenIn, before fee and impact; `price_impact` is a
    fraction.
    """

    dex: str
    token_in: Token
    token_out: Token
    amount_in: int
    amount_out: int
    price: Decimal
    fee_bps: int
    price_impact: Decimal
    quoted_at: datetime

    @property
    def amount_out_decimal(self) -> Decimal:
        """The amount that the venue would pay, in tokenOut."""
        return self.token_out.from_base(self.amount_out)


@dataclass(frozen=True, slots=True)
class PoolState:
    """A venue's pool for a pair at one moment.

    `spot` is tokenOut per 1 tokenIn before fee and impact; `liquidity_usd` is the value of both
    sides together.
    """

    spot: Decimal
    fee_bps: int
    liquidity_usd: Decimal

    @property
    def best_net(self) -> Decimal:
        """An upper bound of every net price: the price after the fee, for an amount near zero."""
        return self.spot * (10_000 - self.fee_bps) / 10_000


@dataclass(frozen=True, slots=True)
class SwapInstruction:
    """A swap for a chain to sign; amounts in base units."""

    dex: str
    token_in_mint: str
    token_out_mint: str
    amount_in: int
    quoted_amount_out: int
    min_amount_out: int


class Venue(Protocol):
    """A place that swaps one token for another."""

    @property
    def name(self) -> str:
        """Its name in quotes and transactions, in lower case."""

    def quote(
        self,
        token_in: Token,
        token_out: Token,
        amount_in: int,
        conditions: Conditions | None = None,
    ) -> Quote:
        """Returns a quote for `amount_in` base units. Raises DexError.

        `conditions` are what an order with a scenario meets; a real venue ignores them.
        """

    def quote_at(self, token_in: Token, token_out: Token, amount_in: int, at: datetime) -> Quote:
        """Returns a quote for a moment that triggers look at, at once from known data. Raises
        DexError.
        """

    def pool_at(self, token_in: Token, token_out: Token, at: datetime) -> PoolState:
        """Returns the pair's pool at that moment; must be cheap. Raises DexError."""

    def build(self, quote: Quote, min_amount_out: int) -> SwapInstruction:
        """Returns the instruction of a swap at `quote` that pays at least `min_amount_out` base
        units or fails.

        Raises ValueError for another venue's quote or a negative minimum.
        """
