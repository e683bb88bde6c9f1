"""An order's stored events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from orders.domain.events import Event
from orders.storage.models import Order, OrderEvent


def read_history(order_id: UUID, after: int = 0, up_to: int | None = None) -> list[Event]:
    """An order's events with `after` < sequence <= `up_to`, in order."""
    query = (
        OrderEvent.select(
            OrderEvent.sequence,
            OrderEvent.status,
            OrderEvent.at,
            OrderEvent.data,
            Order.client_order_id,
        )
        .join(Order, on=(OrderEvent.order_id == Order.id))
        .where((OrderEvent.order_id == order_id) & (OrderEvent.sequence > after))
        .order_by(OrderEvent.sequence)
    )
    if up_to is not None:
        query = query.where(OrderEvent.sequence <= up_to)
    rows: Iterable[Any] = query.tuples()
    return [
        Event(order_id, sequence, status, at, data, client_order_id=own_id)
        for sequence, status, at, data, own_id in rows
    ]
