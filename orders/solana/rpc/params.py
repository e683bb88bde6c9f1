"""The parameters of a call: positional, the last one an object of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from solders.pubkey import Pubkey
from solders.signature import Signature

from orders.solana.rpc.errors import invalid_params

COMMITMENTS = ("processed", "confirmed", "finalized")
OLD_COMMITMENTS = {
    "recent": "processed",
    "single": "confirmed",
    "singleGossip": "confirmed",
    "root": "finalized",
    "max": "finalized",
}
"""The commitments of the oldest clients -> their present names."""
DEFAULT_COMMITMENT = "finalized"


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters that a call brought. Methods raise `RpcError` for what they do not accept."""

    values: Sequence[Any] = field(default=())

    def get(self, position: int) -> Any:
        """The parameter at that position; None without one."""
        return self.values[position] if position < len(self.values) else None

    def text(self, position: int) -> str:
        """Reads a required text."""
        value = self.get(position)
        if not isinstance(value, str):
            raise invalid_params(
                "`params` should have at least 1 argument(s)"
                if value is None
                else "Invalid params: invalid type, expected a string."
            )
        return value

    def whole(self, position: int, *, most: int = 2**64 - 1) -> int:
        """Reads a required whole number that is not negative."""
        value = self.get(position)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise invalid_params("Invalid params: expected an unsigned whole number.")
        return value

    def address(self, position: int) -> Pubkey:
        """Reads a required Solana address."""
        return address(self.text(position))

    def texts(self, position: int, most: int) -> list[str]:
        """Reads a required list of texts, of bounded length."""
        value = self.get(position)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise invalid_params("Invalid params: expected a list of strings.")
        if len(value) > most:
            raise invalid_params(f"Too many inputs provided; max {most}")
        return value

    def config(self, position: int) -> dict[str, Any]:
        """Reads the options at that position; empty without any."""
        value = self.get(position)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise invalid_params("Invalid params: expected a configuration object.")
        return value


def address(text: str) -> Pubkey:
    """Reads a Solana address. Raises `RpcError`."""
    try:
        return Pubkey.from_string(text)
    except ValueError:
        raise invalid_params("Invalid param: Invalid") from None


def signature(text: str) -> str:
    """Reads a transaction's signature. Raises `RpcError`."""
    try:
        return str(Signature.from_string(text))
    except ValueError:
        raise invalid_params("Invalid param: Invalid") from None


def commitment(config: dict[str, Any], name: str = "commitment") -> str:
    """Reads the commitment that the answer must have. Raises `RpcError`."""
    asked = config.get(name)
    if asked is None:
        return DEFAULT_COMMITMENT
    asked = OLD_COMMITMENTS.get(asked, asked) if isinstance(asked, str) else asked
    if asked not in COMMITMENTS:
        raise invalid_params("Invalid params: unknown commitment.")
    return str(asked)


def flag(config: dict[str, Any], name: str) -> bool:
    """Reads a boolean option, off by default. Raises `RpcError`."""
    value = config.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise invalid_params(f"Invalid params: `{name}` must be true or false.")
    return value


def choice(config: dict[str, Any], name: str, choices: Sequence[str], default: str) -> str:
    """Reads an option that is one of several words. Raises `RpcError`."""
    value = config.get(name)
    if value is None:
        return default
    if value not in choices:
        raise invalid_params(f"Invalid params: `{name}` must be one of {', '.join(choices)}.")
    return str(value)
