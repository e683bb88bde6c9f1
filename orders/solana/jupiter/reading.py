"""Reading what clients of Jupiter send: strings of base units, addresses, flags."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request
from solders.pubkey import Pubkey

from orders.domain import exact_json
from orders.market.tokens import Token, TokenRegistry
from orders.solana.jupiter.errors import NOT_TRADABLE, JupiterError
from orders.solana.programs import MAX_U64

MAX_QUOTED = 64
"""Characters of a stranger's value that are repeated to its sender."""
TRUE = ("true", "1")
FALSE = ("false", "0", "")

Fields = Mapping[str, Any]


def read_body() -> Fields:
    """Reads the request's JSON object.

    Raises `JupiterError`, or the framework's error for a body that is too large.
    """
    try:
        value = exact_json.loads_strict(request.get_data(cache=False))
    except exact_json.MalformedJson as error:
        raise JupiterError(f"Failed to parse the request body as JSON: {error}") from None
    if not isinstance(value, dict):
        raise JupiterError("Failed to deserialize the JSON body into the target type")
    return value


def text(fields: Fields, name: str) -> str:
    """Reads a required text."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise JupiterError(f"missing or invalid field `{name}`")
    return value


def address(fields: Fields, name: str) -> Pubkey:
    """Reads a required Solana address."""
    value = text(fields, name)
    try:
        return Pubkey.from_string(value)
    except ValueError:
        raise JupiterError(f"`{name}` is no Solana address: {value[:MAX_QUOTED]}") from None


def amount(fields: Fields, name: str, *, least: int = 1) -> int:
    """Reads an unsigned 64-bit amount of base units, written as a string or as a number."""
    return whole(fields, name, least=least, most=MAX_U64)


def whole(fields: Fields, name: str, *, least: int, most: int, default: int | None = None) -> int:
    """Reads a whole number, written as a string or as a number."""
    value = fields.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise JupiterError(f"`{name}` must be a whole number from {least} to {most}")
    return value


def flag(fields: Fields, name: str, *, default: bool) -> bool:
    """Reads a boolean, written as JSON or as a word."""
    value = fields.get(name)
    if value is None:
        return default
    word = str(value).lower()
    if word not in TRUE + FALSE:
        raise JupiterError(f"`{name}` must be true or false")
    return word in TRUE


def token(registry: TokenRegistry, mint: str) -> Token:
    """The token of a mint address. Raises `JupiterError` if it is not listed."""
    found = registry.find(mint)
    if found is None or found.mint != mint:
        raise JupiterError(f"The token {mint[:MAX_QUOTED]} is not tradable", NOT_TRADABLE)
    return found


def refuse_unsupported(fields: Fields, names: tuple[str, ...]) -> None:
    """Raises `JupiterError` if an unsupported option is set.

    Ignoring it silently would do something else than the caller wants.
    """
    for name in names:
        if fields.get(name) not in (None, "", False, 0, "0", "false"):
            raise JupiterError(f"`{name}` is not supported here", "NOT_SUPPORTED")


def refuse_others(fields: Fields, names: tuple[str, ...], wallet: Pubkey | None) -> None:
    """Raises `JupiterError` if one of these options names another wallet than this one."""
    for name in names:
        if fields.get(name) not in (None, "") and fields[name] != str(wallet):
            raise JupiterError(
                f"`{name}` is not supported here: the wallet that signs also pays and receives",
                "NOT_SUPPORTED",
            )
