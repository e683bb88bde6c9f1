"""Fields of requests about swaps: tokens, amounts, prices, slippage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orders.api.fields import ExactDecimal, Text
from orders.execution.submission import MAX_AMOUNT
from orders.market.pool import BPS

MAX_PRICE = Decimal(10) ** 18
MAX_SLIPPAGE_BPS = BPS
DEFAULT_SLIPPAGE_BPS = 100
NONE = Decimal(0)


def token(**kwargs: Any) -> Text:
    """A token's symbol in any case, or its mint address."""
    doc = {"description": "Symbol, in any case, or mint address.", "examples": ["SOL"]}
    return Text(most=44, metadata=doc | kwargs.pop("metadata", {}), **kwargs)


def amount(**kwargs: Any) -> ExactDecimal:
    """An amount of a token, in human units."""
    return ExactDecimal(least=NONE, most=MAX_AMOUNT, above=True, **kwargs)


def price(description: str) -> ExactDecimal:
    """A price: tokenOut per 1 tokenIn."""
    return ExactDecimal(
        least=NONE, most=MAX_PRICE, above=True, metadata={"description": description}
    )
