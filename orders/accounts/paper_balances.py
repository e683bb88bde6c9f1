"""Opening balances, written as `SOL:1000,USDC:100000`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from orders.domain.errors import ValidationFailed
from orders.market.tokens import Token, TokenRegistry

MAX_BALANCE = Decimal(10) ** 12
"""The largest opening or reset balance, in tokens."""


def parse_balances(text: str, registry: TokenRegistry) -> dict[str, int]:
    """Reads opening balances; returns base units by mint. Raises `UnknownToken`,
    `ValidationFailed`.
    """
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    try:
        amounts = [(symbol.strip(), Decimal(amount.strip())) for symbol, _, amount in pairs]
    except InvalidOperation:
        raise ValidationFailed({"balances": [f"{text!r} is not SYMBOL:amount,..."]}) from None
    return to_base_units(amounts, registry)


def to_base_units(
    amounts: Iterable[tuple[str, Decimal]], registry: TokenRegistry
) -> dict[str, int]:
    """Converts amounts with a symbol or mint each into base units by mint.

    Raises `UnknownToken`, and `ValidationFailed` for amounts that are negative, too large or finer
    than the token, and for a token that is named twice.
    """
    found: dict[str, int] = {}
    for name, amount in amounts:
        field = f"balances.{name}"
        token = registry.resolve(name, field)
        if token.mint in found:
            raise ValidationFailed({field: [f"{token.symbol} has an amount already."]})
        found[token.mint] = _units(token, amount, field)
    return found


def _units(token: Token, amount: Decimal, field: str) -> int:
    if not amount.is_finite() or not 0 <= amount <= MAX_BALANCE:
        message = f"{token.symbol}: give an amount from 0 to {MAX_BALANCE:f}."
        raise ValidationFailed({field: [message]})
    try:
        return token.to_base(amount)
    except ValueError as error:
        raise ValidationFailed({field: [f"{error}."]}) from None
