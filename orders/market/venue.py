"""What the router asks of a venue. A real one would be another class with these methods."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from orders.chain.protocol import Blockhash
from orders.chain.transaction import Transaction
from orders.market.tokens import Token

__all__ = ["Quote", "Transaction", "Venue"]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a venue would pay: amounts in base units, net of fee and price impact.

    `price` is the spot price, tokenOut per 1 tokenIn, before fee and impact; `price_impact` is
    a fraction.
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
        """What the venue would pay, in tokenOut."""
        return self.token_out.from_base(self.amount_out)


class Venue(Protocol):
    """A place that swaps one token for another."""

    @property
    def name(self) -> str:
        """Its name in quotes and transactions, in lower case."""

    @property
    def blocks(self) -> bool:
        """Whether asking it for a quote can take time: then each is asked in its own thread."""

    def quote(self, token_in: Token, token_out: Token, amount_in: int) -> Quote:
        """What it would pay for `amount_in` base units. Raises DexError."""

    def build(
        self,
        quote: Quote,
        min_amount_out: int,
        blockhash: Blockhash,
        order_id: UUID,
        attempt: int,
    ) -> Transaction:
        """A signed swap at `quote` that pays at least `min_amount_out` base units or fails."""
