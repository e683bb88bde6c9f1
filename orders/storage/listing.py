"""Lists of orders, newest first, page by page. Order ids sort by time of creation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from orders.domain.caller import Caller
from orders.domain.clock import EPOCH
from orders.domain.identifiers import first_uuid7
from orders.domain.lifecycle import TERMINAL, Status
from orders.storage.database import connection
from orders.storage.models import ClientOrderId, Order

PLACING = timedelta(minutes=1)
"""The longest time from the creation of an order's id until the order is stored."""
RESTING = frozenset({Status.OPEN})


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders to list; None does not filter. Tokens are mint addresses."""

    statuses: frozenset[Status] | None = None
    type: str | None = None
    token_in: str | None = None
    token_out: str | None = None
    oco_group: UUID | None = None
    client_order_id: str | None = None
    user_id: str | None = None
    """The label of an anonymous order, or the id of the account."""
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    """Placed before this time."""


def list_orders(caller: Caller, wanted: Filter, limit: int, before: UUID | None) -> list[Order]:
    """The caller's newest `limit` orders that are older than the order `before`.

    Raises `StoreUnavailable`.
    """
    groups: list[frozenset[Status] | None] = [None]
    if wanted.statuses is not None:
        groups = [group for group in _by_index(wanted.statuses) if group]
    found: list[Order] = []
    with connection():
        for group in groups:
            found.extend(_page(caller, wanted, group, limit, before))
    return sorted(found, key=lambda order: order.id.int, reverse=True)[:limit]


def _by_index(statuses: frozenset[Status]) -> list[frozenset[Status]]:
    """Selects the orders from the index for their status: ended, resting and other orders have one
    each.
    """
    return [statuses & TERMINAL, statuses & RESTING, statuses - TERMINAL - RESTING]


def _page(
    caller: Caller,
    wanted: Filter,
    statuses: frozenset[Status] | None,
    limit: int,
    before: UUID | None,
) -> Any:
    query = Order.select()
    if caller.account_id is None:
        query = query.where(Order.account_id.is_null())
    else:
        query = query.where(Order.account_id == caller.account_id)
    if before is not None:
        query = query.where(Order.id < before)
    query = query.where(*_named(caller, wanted), *_placed(wanted))
    if statuses is not None and statuses <= TERMINAL:
        query = query.where(Order.outcome.in_(sorted(statuses)))
    elif statuses == RESTING:
        query = query.where(Order.rests_until.is_null(False))
    elif statuses is not None:
        query = query.where(Order.in_flight & Order.status.in_(sorted(statuses)))
    for name in ("type", "token_in", "token_out", "oco_group"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Order, name) == value)
    return query.order_by(Order.id.desc()).limit(limit)


def _named(caller: Caller, wanted: Filter) -> Iterator[Any]:
    if wanted.client_order_id is not None:
        yield Order.id == ClientOrderId.select(ClientOrderId.order_id).where(
            (ClientOrderId.scope == caller.scope)
            & (ClientOrderId.client_order_id == wanted.client_order_id)
        )
    if wanted.user_id is not None and wanted.user_id != str(caller.account_id):
        yield Order.user_id == wanted.user_id


def _placed(wanted: Filter) -> Iterator[Any]:
    """Restricts the time of placing through the index of ids.

    An id begins with the time of its creation, shortly before the order was placed.
    """
    if wanted.placed_from is not None:
        yield Order.id >= first_uuid7(max(wanted.placed_from, EPOCH + PLACING) - PLACING)
        yield Order.created_at >= wanted.placed_from
    if wanted.placed_to is not None:
        yield Order.id < first_uuid7(wanted.placed_to)
        yield Order.created_at < wanted.placed_to
