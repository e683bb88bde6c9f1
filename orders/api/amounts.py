"""Amounts as strings, for clients whose JSON parser reads numbers as floats and loses digits.

Asked for with `Accept: application/json; amounts=string` or `?amounts=string`. Integers that are
amounts by their name are strings then too: 15 and 15.5 under one key have one type.
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
"""What is an amount, a price or a fraction even where its value is a whole number."""


def register_amounts(app: Flask) -> None:
    """Refuses a form that does not exist, before anything is done."""
    app.before_request(_check)


def _check() -> None:
    if PARAMETER in request.environ["QUERY_STRING"]:
        given = request.args.getlist(PARAMETER)
        if given and (len(given) > 1 or given[0] not in FORMS):
            raise ValidationFailed({PARAMETER: [f"Must be one of: {', '.join(FORMS)}."]})


def wants_strings() -> bool:
    """Whether this request asks for amounts as strings. The query goes before the header."""
    environ = request.environ
    if PARAMETER in environ["QUERY_STRING"] and PARAMETER in request.args:
        return request.args[PARAMETER] == "string"
    if PARAMETER not in environ.get("HTTP_ACCEPT", ""):
        return False
    return any(parse_options_header(each) == WANTED for each in request.accept_mimetypes.values())


def with_strings(value: Any, key: str = "") -> Any:
    """The same answer, its amounts digit for digit as strings."""
    if isinstance(value, dict):
        return {name: with_strings(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_strings(inner, key) for inner in value]
    if isinstance(value, Decimal):
        return exact_json.plain(value)
    if key in AMOUNTS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
