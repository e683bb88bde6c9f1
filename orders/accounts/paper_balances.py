"""Opening balances, written as `SOL:1000,USDC:100000`."""

from __future__ import annotations

from collections.abc import Mapping
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
        amounts = {symbol.strip(): Decimal(amount.strip()) for symbol, _, amount in pairs}
    except InvalidOperation:
        raise ValidationFailed({"balances": [f"{text!r} is not SYMBOL:amount,..."]}) from None
    return to_base_units(amounts, registry)


def to_base_units(amounts: Mapping[str, Decimal], registry: TokenRegistry) -> dict[str, int]:
    """Converts amounts by symbol or mint into base units by mint.

    Raises `UnknownToken`, and `ValidationFailed` for amounts that are negative, too large or finer
    than the token.
    """
    found = {}
    for name, amount in amounts.items():
        token = registry.resolve(name, "balances")
        found[token.mint] = _units(token, amount)
    return found


def _units(token: Token, amount: Decimal) -> int:
    if not amount.is_finite() or not 0 <= amount <= MAX_BALANCE:
        message = f"{token.symbol}: give an amount from 0 to {MAX_BALANCE:f}."
        raise ValidationFailed({"balances": [message]})
    try:
        return token.to_base(amount)
    except ValueError as error:
        raise ValidationFailed({"balances": [f"{error}."]}) from None
