"""Linked orders: a new one-cancels-other group, placed in one step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orders.domain.caller import Caller
from orders.domain.errors import StoreUnavailable, ValidationFailed, within
from orders.domain.identifiers import uuid7
from orders.domain.order_request import OrderRequest
from orders.execution.submission import (
    KEY_IN_USE,
    Receipt,
    Submission,
    Wanted,
    receipt_of,
    replayed,
)
from orders.storage.database import connection
from orders.storage.models import Order
from orders.storage.order_changes import NewOrder
from orders.storage.order_store import OrderStore


class LinkedOrders:
    """Places linked orders. One per web process."""

    def __init__(self, order_store: OrderStore, submission: Submission) -> None:
        self._order_store = order_store
        self._submission = submission

    def place(
        self, linked: Sequence[OrderRequest], caller: Caller, key: str | None = None
    ) -> list[Receipt]:
        """Stores resting orders as a new one-cancels-other group: all or none, in one commit.

        They spend the same token. A group of an account holds the largest of their amounts.

        Raises `UnknownToken`, `SameToken`, `ValidationFailed`, `IdempotencyConflict`,
        `InsufficientFunds`, `ClockSkewed`, `QueueFull`, `StoreUnavailable`.
        """
        now = self._order_store.now()
        wanted = [self._read(number, new) for number, new in enumerate(linked)]
        _check_one_token(wanted)
        claim = self._submission.claim(caller, key, lambda: _fingerprint(wanted), now)
        if claim and (first := self._submission.held_by(claim, now)):
            return _placed_with(first)
        group = uuid7(now)
        ids = sorted(uuid7(now) for _ in wanted)
        orders = [
            self._new_order(number, order_id, each.of_group(group), caller, now)
            for number, (order_id, each) in enumerate(zip(ids, wanted, strict=True))
        ]
        for _ in range(2):
            if self._submission.store(orders, claim, caller.account_id, wanted[0].token_in):
                return [receipt_of(order) for order in orders]
            if claim and (first := self._submission.held_by(claim, now)):
                return _placed_with(first)
        raise StoreUnavailable(KEY_IN_USE)

    def _read(self, number: int, new: OrderRequest) -> Wanted:
        with within(f"orders.{number}"):
            return self._submission.read(new)

    def _new_order(
        self, number: int, order_id: UUID, wanted: Wanted, caller: Caller, now: datetime
    ) -> NewOrder:
        with within(f"orders.{number}"):
            return self._submission.new_order(order_id, wanted, caller, now)


def _check_one_token(wanted: Sequence[Wanted]) -> None:
    """Refuses orders that spend another token than the first: one hold serves them all."""
    errors = {
        f"orders.{number}.tokenIn": ["Linked orders spend the same token."]
        for number, each in enumerate(wanted)
        if each.token_in.mint != wanted[0].token_in.mint
    }
    if errors:
        raise ValidationFailed(errors)


def _fingerprint(wanted: Sequence[Wanted]) -> str:
    """A hash that is equal for equal orders in the same sequence."""
    prints = "".join(each.request.fingerprint() for each in wanted)
    return hashlib.sha256(prints.encode()).hexdigest()


def _placed_with(first: Order) -> list[Receipt]:
    """The orders that one request placed, as it listed them: the group's orders of one time."""
    with connection():
        together = Order.select().where(
            (Order.oco_group == first.oco_group) & (Order.created_at == first.created_at)
        )
        return [replayed(order) for order in together.order_by(Order.id)]
