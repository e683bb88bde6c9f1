"""Amending: new terms for a resting order, under the same id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from orders.config import Settings
from orders.domain.caller import Caller
from orders.domain.errors import (
    Fenced,
    InsufficientFunds,
    NotAmendable,
    OrderChanged,
    ValidationFailed,
)
from orders.domain.lifecycle import AMENDABLE
from orders.domain.order_request import opening_data
from orders.domain.order_type import CONDITIONS, OrderType
from orders.execution.submission import Submission, check_expiry
from orders.market.tokens import Token, TokenRegistry
from orders.storage.models import Order
from orders.storage.order_changes import NotEnough
from orders.storage.order_store import OrderStore

AMEND_TRIES = 5
"""Times that an amendment is tried when other changes of the order keep winning."""
NAMES = {
    "amount_in": "amountIn",
    "max_slippage_bps": "maxSlippageBps",
    "expires_at": "expiresAt",
    **{condition.column: condition.name for condition in CONDITIONS.values()},
}
"""Columns that can be amended -> their names for clients."""

Terms = Mapping[str, Any]
"""New values by column of `NAMES`."""


class Amendment:
    """Amends orders. One per web process."""

    def __init__(
        self,
        settings: Settings,
        order_store: OrderStore,
        submission: Submission,
        registry: TokenRegistry,
    ) -> None:
        self._longest_s = settings.resting_max_ttl_s
        self._order_store = order_store
        self._submission = submission
        self._registry = registry

    def __call__(
        self,
        order_id: UUID | None,
        caller: Caller,
        terms: Terms,
        is_expected: Callable[[int], bool],
    ) -> Order:
        """Changes an open order's terms and returns the order; a hold follows the amount.

        `is_expected` tells from the order's sequence whether the caller has seen its latest state.
        Terms that stay the same change nothing. Raises `OrderNotFound`, `OrderChanged`,
        `NotAmendable`, `ValidationFailed`, `InsufficientFunds`, `StoreUnavailable`.
        """
        for _ in range(AMEND_TRIES):
            order = self._submission.find(order_id, caller)
            if not is_expected(order.sequence):
                raise OrderChanged(order.sequence)
            _check_amendable(order)
            try:
                self._amend(order, terms)
                return order
            except Fenced:
                continue
        raise OrderChanged(order.sequence)

    def _amend(self, order: Order, terms: Terms) -> None:
        _check_condition(order, terms)
        changes = {name: new for name, new in terms.items() if new != getattr(order, name)}
        if not changes:
            return
        expiry = changes.get("expires_at", order.expires_at)
        if "expires_at" in changes:
            check_expiry(expiry, self._order_store.now(), self._longest_s)
        token_in = self._registry.find(order.token_in)
        assert token_in is not None, "orders are placed for tokens that are known"
        data = _event_data(order, changes)
        if "amount_in" in changes:
            units = _units(changes["amount_in"], token_in)
            if order.hold is not None:
                changes["hold"] = Decimal(units)
        try:
            self._order_store.amend(order, data, expiry, **changes)
        except NotEnough as refused:
            raise InsufficientFunds(
                token_in.symbol,
                token_in.from_base(refused.needed),
                token_in.from_base(refused.available),
            ) from None


def _check_amendable(order: Order) -> None:
    if order.status not in AMENDABLE:
        raise NotAmendable(f"The order is {order.status}; only open orders can be amended.")
    if order.wallet is not None and order.account_id is None:
        raise NotAmendable("The order's wallet signed its terms: cancel it and sign others.")


def _check_condition(order: Order, terms: Terms) -> None:
    own = CONDITIONS[OrderType(order.type)]
    errors = {
        condition.name: [f"Only {kind} orders have it."]
        for kind, condition in CONDITIONS.items()
        if condition.column in terms and condition != own
    }
    if errors:
        raise ValidationFailed(errors)


def _event_data(order: Order, changes: Terms) -> dict[str, Any]:
    """The event's data: the new condition, and each amended term before and after."""
    amended = {
        NAMES[name]: {"from": getattr(order, name), "to": new} for name, new in changes.items()
    }
    renewed = {name: amended[name]["to"] for name in amended}
    now = opening_data(order)
    return {name: renewed.get(name, value) for name, value in now.items()} | {"amended": amended}


def _units(amount: Decimal, token: Token) -> int:
    try:
        return token.to_base(amount)
    except ValueError:
        message = f"{token.symbol} has at most {token.decimals} decimals."
        raise ValidationFailed({"amountIn": [message]}) from None
