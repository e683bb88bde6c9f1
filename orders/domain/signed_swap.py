"""A swap that its wallet has signed: an order brings it along, and nothing else may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SignedSwap:
    """The transaction, and what the engine needs to know of it; `min_amount_out` in base units.

    `wire` is the whole transaction in base64, for the chain to keep.
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
        """The swap that was stored, field by field."""
        return cls(**stored)
