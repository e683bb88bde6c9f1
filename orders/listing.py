"""Lists of orders, newest first, page by page; order ids sort by the time of their making."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import SQL

from orders.database import connection
from orders.lifecycle import TERMINAL, Status
from orders.models import Order
from orders.placing import Caller


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders to list; None: all. Tokens are mint addresses.

    `in_flight_until` is the latest time at which an order in flight is due: it spares a list of
    those a look at all that rest.
    """

    in_flight_until: datetime

    statuses: frozenset[Status] | None = None
    type: str | None = None
    token_in: str | None = None
    token_out: str | None = None


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


def _by_index(statuses: frozenset[Status]) -> tuple[frozenset[Status], frozenset[Status]]:
    """Terminal orders and live ones stand in indexes of their own."""
    return statuses & TERMINAL, statuses - TERMINAL


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
    if statuses is not None and statuses <= TERMINAL:
        query = query.where(SQL("outcome").in_(sorted(statuses)))
    elif statuses is not None:
        if Status.OPEN not in statuses:
            query = query.where(Order.due_at <= wanted.in_flight_until)
        query = query.where(Order.due_at.is_null(False) & Order.status.in_(sorted(statuses)))
    for name in ("type", "token_in", "token_out"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Order, name) == value)
    return query.order_by(Order.id.desc()).limit(limit)
