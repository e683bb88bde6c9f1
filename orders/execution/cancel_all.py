"""Cancelling all orders of a caller that a filter selects, in bounded steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from orders.config import Settings
from orders.domain.caller import Caller
from orders.domain.lifecycle import CANCELLABLE, LEASED, Status
from orders.execution.submission import CANCEL_TRIES, CANCELLED_BY_USER
from orders.storage.database import connection
from orders.storage.listing import Filter, list_orders
from orders.storage.models import Order
from orders.storage.order_changes import Transition
from orders.storage.order_store import OrderStore


@dataclass(slots=True)
class Cancelled:
    """The result of cancelling many orders."""

    cancelled: list[UUID] = field(default_factory=list)
    not_cancelled: list[Order] = field(default_factory=list)
    """Orders that can no longer be cancelled, as they were found."""
    more: bool = False
    """Whether more orders can be cancelled by calling again."""


class CancelAll:
    """Cancels many orders. One per web process."""

    def __init__(self, settings: Settings, order_store: OrderStore) -> None:
        self._most = settings.cancel_all_limit
        self._batch = settings.journal_batch
        self._order_store = order_store

    def __call__(self, caller: Caller, wanted: Filter) -> Cancelled:
        """Cancels the newest `cancel_all_limit` of the caller's orders that the filter selects.

        If a cancel and a worker race for an order, exactly one wins. Raises `StoreUnavailable`:
        orders cancelled before that stay cancelled.
        """
        waiting = self._list(caller, wanted, CANCELLABLE, self._most + 1)
        result = Cancelled(more=len(waiting) > self._most)
        result.not_cancelled = self._list(caller, wanted, LEASED, self._most)
        waiting = waiting[: self._most]
        for start in range(0, len(waiting), self._batch):
            self._cancel(waiting[start : start + self._batch], result)
        return result

    def _list(
        self, caller: Caller, wanted: Filter, those: frozenset[Status], limit: int
    ) -> list[Order]:
        asked = those if wanted.statuses is None else those & wanted.statuses
        return list_orders(caller, replace(wanted, statuses=asked), limit, None)

    def _cancel(self, waiting: list[Order], result: Cancelled) -> None:
        for _ in range(CANCEL_TRIES):
            if not waiting:
                return
            done = self._order_store.advance_all(
                [Transition(order, Status.CANCELLED, CANCELLED_BY_USER) for order in waiting]
            )
            result.cancelled += [order.id for order in waiting if order.id in done]
            waiting = _read([order.id for order in waiting if order.id not in done])
            moved_on = [order for order in waiting if order.status not in CANCELLABLE]
            result.not_cancelled += moved_on
            waiting = [order for order in waiting if order.status in CANCELLABLE]
        result.not_cancelled += waiting


def _read(ids: list[UUID]) -> list[Order]:
    if not ids:
        return []
    with connection():
        return list(Order.select().where(Order.id.in_(ids)))
