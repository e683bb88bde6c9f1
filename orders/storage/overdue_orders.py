"""Orders that something should have moved on by now: the question behind `list-stuck`."""

from __future__ import annotations

from datetime import datetime

from orders.storage.database import connection
from orders.storage.models import Order


def find_overdue_orders(due_before: datetime, limit: int) -> list[Order]:
    """Orders that were due before then, most overdue first: waiting for a worker, held under a
    lease that ran out, or resting past their expiry.

    Raises `StoreUnavailable`.
    """
    with connection():
        late = Order.in_flight & (Order.due_at < due_before)
        query = Order.select().where(late | (Order.rests_until < due_before))
        return list(query.order_by(Order.due_at).limit(limit))
