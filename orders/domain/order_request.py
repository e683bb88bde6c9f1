"""A caller's order, and the first event that it leads to."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from orders.domain import exact_json
from orders.domain.lifecycle import Status
from orders.domain.order_type import RULES, OrderType
from orders.domain.signed_swap import SignedSwap


class OrderRequest(NamedTuple):
    """A swap order; amounts and prices are exact, tokens a symbol or a mint address."""

    type: OrderType
    token_in: str
    token_out: str
    amount_in: Decimal
    max_slippage_bps: int = 100
    side: str | None = None
    user_id: str | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    min_liquidity: Decimal | None = None
    expires_at: datetime | None = None
    oco_group: UUID | None = None
    signed_transaction: SignedSwap | None = None
    scenario: str | None = None
    client_order_id: str | None = None

    def fingerprint(self) -> str:
        """A hash that is equal for equal orders, however their numbers were written."""
        fields = {
            name: value.normalize() if isinstance(value, Decimal) else value
            for name, value in self._asdict().items()
        }
        fields["oco_group"] = str(self.oco_group)
        return hashlib.sha256(exact_json.encode(fields)).hexdigest()


class Resting(Protocol):
    """A resting order, requested or stored; it also has the attribute of its condition."""

    @property
    def type(self) -> str:
        """One of `OrderType`."""

    @property
    def expires_at(self) -> datetime | None:
        """When it stops resting."""


def first_event(new: OrderRequest) -> tuple[Status, dict[str, Any]]:
    """The status in which a new order starts, and the data of its first event."""
    chosen = {"clientOrderId": new.client_order_id, "scenario": new.scenario}
    told = {name: value for name, value in chosen.items() if value is not None}
    if RULES[new.type].rests:
        return Status.OPEN, opening_data(new) | told
    return Status.PENDING, {"attempt": 1, **told}


def opening_data(order: Resting) -> dict[str, Any]:
    """The data of an open event: the order's condition and its expiry."""
    condition = RULES[OrderType(order.type)].condition
    assert condition is not None
    return {condition.name: getattr(order, condition.column), "expiresAt": order.expires_at}
