"""What a worker has to know of a new order, carried along by the message that wakes it up.

It saves the worker a look into the database. It may be out of date when it is read, which does no
harm: the first step that is stored is fenced by the order's status and sequence.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from orders.domain.exact_json import plain

Packed = tuple[str | None, str, str, str, int, float]
"""Terms as plain values, in the order of their fields: cheap to send."""


class Terms(NamedTuple):
    """A market order as it was placed. Amounts in units of the token, tokens by their mints."""

    account_id: UUID | None
    token_in: str
    token_out: str
    amount_in: Decimal
    max_slippage_bps: int
    placed_at: datetime

    @classmethod
    def of(cls, columns: dict[str, Any], placed_at: datetime) -> Terms:
        """The terms in the columns of a new order."""
        return cls(
            columns["account_id"], columns["token_in"], columns["token_out"],
            columns["amount_in"], columns["max_slippage_bps"], placed_at,
        )  # fmt: skip

    def pack(self) -> Packed:
        """The terms, ready to be sent."""
        account_id = None if self.account_id is None else str(self.account_id)
        return (
            account_id, self.token_in, self.token_out, plain(self.amount_in),
            self.max_slippage_bps, self.placed_at.timestamp(),
        )  # fmt: skip

    @classmethod
    def unpack(cls, packed: Packed) -> Terms:
        """The terms that were sent."""
        account_id, token_in, token_out, amount_in, max_slippage_bps, placed_at = packed
        return cls(
            None if account_id is None else UUID(account_id), token_in, token_out,
            Decimal(amount_in), max_slippage_bps, datetime.fromtimestamp(placed_at, UTC),
        )  # fmt: skip
