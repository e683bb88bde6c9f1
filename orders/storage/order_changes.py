"""Changes that the order store makes: new orders and transitions, and why it refuses some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orders.domain import exact_json
from orders.domain.events import Event
from orders.domain.lifecycle import Status
from orders.market.scenarios.reading import is_withheld
from orders.storage.journal import AVAILABLE, NEEDED, Row
from orders.storage.models import Order


class NotEnough(Exception):
    """A wallet has less of a token than an order spends, both in base units.

    What the order or its group holds already is available to it.
    """

    def __init__(self, spent: int, refused: Row) -> None:
        self.needed = spent
        self.available = spent - int(refused[NEEDED]) + int(refused[AVAILABLE])
        super().__init__(f"{self.needed} needed, {self.available} available")


class ClientOrderIdTaken(Exception):
    """The client's own id of a new order stands for another order; nothing was stored."""


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """The key under which a new order is stored, once."""

    scope: str
    key: str
    payload_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to store: `columns` as in `orders.storage.models.Order`, its first status, and the
    data of its first event."""

    columns: dict[str, Any]
    status: Status
    data: dict[str, Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition to make; `changes` are further columns of the order.

    `via` are statuses, with the data of their events, that are passed through in the same commit,
    because nothing happens between them that a crash must not lose.
    """

    order: Order
    status: Status
    data: dict[str, Any]
    due_at: datetime | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    via: Sequence[tuple[Status, dict[str, Any]]] = ()

    @property
    def steps(self) -> list[tuple[Status, dict[str, Any]]]:
        """All statuses in order; the order stays in the last one."""
        return [*self.via, (self.status, self.data)]

    def events(self, at: datetime) -> list[Event]:
        """The events of the transition if it is made at that time."""
        order = self.order
        return [
            Event(
                order.id,
                order.sequence + number,
                status,
                at,
                data,
                order.account_id,
                exact_json.embedded(data),
                is_withheld(order.scenario, status),
                order.client_order_id,
            )
            for number, (status, data) in enumerate(self.steps, start=1)
        ]
