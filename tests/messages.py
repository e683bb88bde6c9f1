"""The messages that wake workers up, as a worker reads them."""

from __future__ import annotations

from uuid import UUID

from orders.messaging.terms import Terms
from orders.wiring import Components


def read_message(components: Components, raw: bytes) -> tuple[UUID, Terms | None]:
    """The order that a message is about, and the terms that it tells."""
    order_id, *told = components.queue.huey.serializer.deserialize(raw).args
    return UUID(order_id), Terms.unpack(told[0]) if told else None


def terms_of(components: Components, order_id: UUID) -> Terms | None:
    """What the message that waits for a worker tells of the order."""
    waiting = components.queue.huey.storage.enqueued_items()
    return dict(read_message(components, raw) for raw in waiting)[order_id]
