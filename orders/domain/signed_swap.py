"""A swap that its wallet has signed. The order brings it, and nothing else may be sent for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SignedSwap:
    """The signed transaction, and what the engine must know of it; `min_amount_out` in base units.

    `wire` is the whole transaction in base64, which the chain keeps.
    """

    signature: str
    signer: str
    dex: str
    min_amount_out: int
    blockhash: str
    last_valid_block_height: int
    wire: str

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> SignedSwap:
        """Reads a stored swap, field by field."""
        return cls(**stored)
