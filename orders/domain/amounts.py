"""Amounts as strings, for clients whose JSON parser reads numbers as floats and loses digits.

Amounts that are whole numbers become strings, too, so that one key always has one type.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orders.domain import exact_json

PARAMETER = "amounts"
"""The name of the parameter, wherever it is given."""
FORMS = ("string", "number")

AMOUNTS = frozenset({
    # Orders and their events
    "amountIn", "amountOut", "minAmountOut", "outputAmount", "executedPrice", "limitPrice",
    "stopPrice", "minLiquidity", "price", "priceImpact", "fee", "amountInUsd", "amountOutUsd",
    # The market
    "priceUsd", "liquidityUsd", "changePercent", "open", "high", "low", "close", "reference",
    "spot", "net", "tokenInUsd", "tokenOutUsd", "sparkline",
    # Accounts
    "amount", "total", "held", "available", "share", "quantity", "valueUsd", "equityUsd",
    "change24hUsd", "change24hPercent", "averageCostUsd",
    "costBasisUsd", "marketValueUsd", "unrealisedProfitUsd", "realisedProfitUsd",
})  # fmt: skip
"""Keys whose values are amounts, prices or fractions, even where they are whole numbers."""


def with_strings(value: Any, key: str = "") -> Any:
    """A copy of the value with its amounts as strings, digit for digit."""
    if isinstance(value, dict):
        # The members of an amount's own object, such as an amendment's from and to, are amounts,
        # too.
        inherited = key if key in AMOUNTS else None
        return {name: with_strings(inner, inherited or name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_strings(inner, key) for inner in value]
    if isinstance(value, Decimal):
        return exact_json.plain(value)
    if key in AMOUNTS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
