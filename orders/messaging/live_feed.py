"""The Redis channels of live events: what a message on them carries, and who may see which event.

The events of one commit travel in one message: a JSON list of `[order id, account id or null,
event]`, where the event is the JSON that clients receive, as a text. Whoever listens can tell from
the ids whether anybody wants an event, and need not parse the others.

That money moved without an order is told with the account's id alone, without a word on what
moved: PostgreSQL knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from orders.domain import exact_json
from orders.domain.events import Event

EVENTS = "orders:events"
MONEY = "orders:money"


def pack(events: Iterable[Event]) -> bytes:
    """The message that carries the events, in their order."""
    return exact_json.encode(
        [
            (event.order_id, event.account_id, exact_json.encode(event.message()).decode())
            for event in events
        ]
    )


def unpack(message: bytes) -> Iterator[tuple[UUID, UUID | None, str]]:
    """For each event of a message: its order, the account that owns it, and the event as JSON."""
    for order_id, account_id, event in exact_json.loads(message):
        yield UUID(order_id), UUID(account_id) if account_id else None, event
