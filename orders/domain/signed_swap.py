"""A swap that its wallet has signed. The order brings it, and nothing else may be sent for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Payment:
    """Base units that a wallet gets, or gives if negative."""

    wallet: str
    mint: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SignedSwap:
    """The signed transaction, and what the engine must know of it; `min_amount_out` in base units.

    `wire` is the whole transaction in base64, which the chain keeps. `payments` are what it moves
    beside the swap, if the swap fills: the transfer `payments_id`, whose amounts sum to zero for
    each mint. The signer's part is held until then.
    """

    signature: str
    signer: str
    dex: str
    min_amount_out: int
    blockhash: str
    last_valid_block_height: int
    wire: str
    payments: tuple[Payment, ...] = ()
    payments_id: str | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SignedSwap:
        """Reads a stored swap, field by field."""
        payments = tuple(Payment(**payment) for payment in stored.get("payments", ()))
        return cls(**{**stored, "payments": payments})

    @property
    def payees(self) -> list[str]:
        """The wallets that get payments."""
        return sorted({payment.wallet for payment in self.payments if payment.amount > 0})
