"""Amounts as strings, for clients whose JSON parser reads numbers as floats and loses digits.

They ask with `Accept: application/json; amounts=string` or `?amounts=string`. Amounts that are
whole numbers become strings, too, so that one key always has one type.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Flask, request
from werkzeug.http import parse_options_header

from orders.domain import exact_json
from orders.domain.errors import ValidationFailed

PARAMETER = "amounts"
FORMS = ("string", "number")
WANTED = ("application/json", {PARAMETER: "string"})

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


def register_amounts(app: Flask) -> None:
    """Makes the app refuse an unknown `amounts` before it does anything else."""
    app.before_request(_check)


def _check() -> None:
    if PARAMETER in request.environ["QUERY_STRING"]:
        given = request.args.getlist(PARAMETER)
        if given and (len(given) > 1 or given[0] not in FORMS):
            raise ValidationFailed({PARAMETER: [f"Must be one of: {', '.join(FORMS)}."]})


def wants_strings() -> bool:
    """Whether this request asks for amounts as strings. The query wins over the header."""
    environ = request.environ
    if PARAMETER in environ["QUERY_STRING"] and PARAMETER in request.args:
        return request.args[PARAMETER] == "string"
    if PARAMETER not in environ.get("HTTP_ACCEPT", ""):
        return False
    return any(parse_options_header(each) == WANTED for each in request.accept_mimetypes.values())


def with_strings(value: Any, key: str = "") -> Any:
    """A copy of the answer with its amounts as strings, digit for digit."""
    if isinstance(value, dict):
        return {name: with_strings(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_strings(inner, key) for inner in value]
    if isinstance(value, Decimal):
        return exact_json.plain(value)
    if key in AMOUNTS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
