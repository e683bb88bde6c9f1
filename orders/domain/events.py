"""The one shape of an event, wherever it appears: history, Socket.IO, WebSocket, list feed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orders.domain import exact_json

REPEATED = {
    "txHash": "txHash",
    "executedPrice": "executedPrice",
    "dex": "chosenDex",
    "routing": "routing",
}
"""Top-level key of a message -> the key of `data` whose value it repeats."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of an order.

    `account_id` says who may see it and is not part of the message; `encoded` is `data` as JSON, if
    that is known already. `withheld`: live streams do not carry it. `client_order_id` is the
    client's own id of the order, where it gave one.
    """

    order_id: UUID
    sequence: int
    status: str
    at: datetime
    data: dict[str, Any]
    account_id: UUID | None = None
    encoded: Any = None
    withheld: bool = False
    client_order_id: str | None = None

    def message(self) -> dict[str, Any]:
        """The message that clients receive. Facts about the swap are repeated at the top level,
        and every event has the client's own id of the order."""
        message: dict[str, Any] = {
            "type": "status_update",
            "orderId": str(self.order_id),
            "sequence": self.sequence,
            "status": self.status,
            "timestamp": exact_json.iso(self.at),
            "data": self.data if self.encoded is None else self.encoded,
        }
        if self.client_order_id is not None:
            message["clientOrderId"] = self.client_order_id
        for name, source in REPEATED.items():
            if source in self.data:
                message[name] = self.data[source]
        return message


def messages(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as clients receive them."""
    return [event.message() for event in events]
