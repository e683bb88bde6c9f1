"""Overdue orders: those that should have moved on by now; `list-overdue` shows them."""

from __future__ import annotations

from datetime import datetime

from orders.storage.database import connection
from orders.storage.models import Order


def find_overdue_orders(due_before: datetime, limit: int) -> list[Order]:
    """Finds orders that were due before that time, most overdue first.

    They wait for a worker, are held under an expired lease, or rest past their expiry. Raises
    `StoreUnavailable`.
    """
    with connection():
        late = Order.in_flight & (Order.due_at < due_before)
        query = Order.select().where(late | (Order.rests_until < due_before))
        return list(query.order_by(Order.due_at).limit(limit))
