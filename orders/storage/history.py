"""An order's events, as they are stored."""

from __future__ import annotations

from uuid import UUID

from orders.domain.events import Event
from orders.storage.models import OrderEvent


def read_history(order_id: UUID, after: int = 0, up_to: int | None = None) -> list[Event]:
    """An order's events with `after` < sequence <= `up_to`, in order."""
    query = OrderEvent.select().where(
        (OrderEvent.order_id == order_id) & (OrderEvent.sequence > after)
    )
    if up_to is not None:
        query = query.where(OrderEvent.sequence <= up_to)
    return [
        Event(row.order_id, row.sequence, row.status, row.at, row.data)
        for row in query.order_by(OrderEvent.sequence)
    ]
