"""The life of an order: its statuses, the legal transitions, and the only code that makes one.

`Mover.place` stores a new order, `Mover.advance` changes the status of one: it updates the row
where id and expected sequence match and inserts the event, in one statement. No row back means
that somebody else moved the order; the caller is fenced off and must stop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from orders import crash, observe
from orders.config import Settings
from orders.database import connection, database
from orders.dex.clock import Clock
from orders.errors import Fenced
from orders.events import Event
from orders.journal import Journal, Write
from orders.models import Order


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    """Rests until its trigger condition holds."""
    PENDING = "pending"
    """Waits for a worker, or for the time of its next attempt."""
    ROUTING = "routing"
    """A worker has claimed it and asks the venues for quotes."""
    BUILDING = "building"
    """The best venue is chosen; its transaction is being built."""
    SUBMITTED = "submitted"
    """The signature is stored; the transaction may be on the chain."""
    CONFIRMED = "confirmed"
    """The swap landed."""
    FAILED = "failed"
    """No swap landed and none will."""
    CANCELLED = "cancelled"
    """The user, or the other order of its group, ended it before it was executed."""
    EXPIRED = "expired"
    """Its time ran out before its trigger condition held."""


TRANSITIONS: dict[Status | None, frozenset[Status]] = {
    None: frozenset({Status.PENDING, Status.OPEN}),
    Status.OPEN: frozenset({Status.PENDING, Status.CANCELLED, Status.EXPIRED}),
    Status.PENDING: frozenset({Status.ROUTING, Status.CANCELLED, Status.FAILED}),
    Status.ROUTING: frozenset({Status.BUILDING, Status.PENDING, Status.OPEN, Status.FAILED}),
    Status.BUILDING: frozenset({Status.SUBMITTED, Status.PENDING, Status.OPEN, Status.FAILED}),
    # Back to pending only once the transaction is proven dead: the chain decides, never a guess.
    Status.SUBMITTED: frozenset({Status.CONFIRMED, Status.PENDING, Status.FAILED}),
    Status.CONFIRMED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
"""From each status (None: not stored yet) the statuses it may change to."""

TERMINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
LEASED = frozenset({Status.ROUTING, Status.BUILDING, Status.SUBMITTED})
"""Statuses in which a worker holds the order, under a lease that runs out."""
CANCELLABLE = frozenset({Status.PENDING, Status.OPEN})

LEASE_STEPS = 20
"""Leases end on multiples of this fraction, so that most renewals change no indexed column."""


class IllegalTransition(AssertionError):
    """The code tried a transition that is not in the table: a defect, never a user's fault."""


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """The key under which a new order is stored, once."""

    scope: str
    key: str
    payload_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One transition to make: `changes` are further columns of the order."""

    order: Order
    status: Status
    data: dict[str, Any]
    due_at: datetime | None = None
    changes: dict[str, Any] = field(default_factory=dict)


class Mover:
    """Makes transitions durable, then publishes them. One per process."""

    def __init__(self, settings: Settings, clock: Clock, journal: Journal, owner: str) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self.owner = owner

    def now(self) -> datetime:
        """The time, in UTC and whole milliseconds: what is stored equals what is streamed."""
        now = self._clock.now().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def place(
        self,
        columns: dict[str, Any],
        status: Status,
        data: dict[str, Any],
        due_at: datetime,
        claim: IdempotencyClaim | None = None,
    ) -> bool:
        """Stores a new order with its first event; `columns` as in `orders.models.Order`.

        False if the idempotency key is held by another order: nothing is stored then.
        Raises `StoreUnavailable`.
        """
        _check_legal(None, status)
        at = self.now()
        row = {**columns, "status": status, "due_at": due_at, "at": at, "data": data}
        if claim is not None:
            row |= {
                "key_scope": claim.scope,
                "key": claim.key,
                "key_hash": claim.payload_hash,
                "key_expires_at": claim.expires_at,
            }
        order_id: UUID = columns["id"]
        event = Event(order_id, 1, status, at, data, columns["account_id"])
        wake_ups = {order_id} if status is Status.PENDING else set()
        placed = bool(self._journal.write(Write("place", [row], [event], wake_ups)))
        if placed:
            observe.order_placed(columns["type"])
        return placed

    def advance(
        self,
        order: Order,
        status: Status,
        data: dict[str, Any],
        *,
        due_at: datetime | None = None,
        **changes: Any,
    ) -> None:
        """Changes the order's status and stores the event; `order` is brought up to date.

        A leased status renews the lease; pending and open need `due_at`.
        Raises `Fenced` when somebody else moved the order, `StoreUnavailable`, and
        `IllegalTransition` where the code is wrong.
        """
        if order.id not in self.advance_all([Move(order, status, data, due_at, changes)]):
            observe.order_fenced(order.id, order.status, status)
            raise Fenced()

    def advance_all(self, moves: Sequence[Move]) -> set[UUID]:
        """Makes several transitions in one transaction; returns the orders that did move."""
        at = self.now()
        rows = [self._row(move, at) for move in moves]
        events = [
            Event(m.order.id, m.order.sequence + 1, m.status, at, m.data, m.order.account_id)
            for m in moves
        ]
        wake_ups = {
            m.order.id
            for m in moves
            if m.status is Status.PENDING and m.due_at is not None and m.due_at <= at
        }
        for move in moves:
            crash.point(f"before_{move.status}")
        moved = self._journal.write(Write("advance", rows, events, wake_ups))
        for move, row in zip(moves, rows, strict=True):
            if move.order.id in moved:
                observe.order_advanced(move.order, move.status, move.data, at)
                _bring_up_to_date(move.order, row, at)
                crash.point(f"after_{move.status}")
        return moved

    def take_over(self, order: Order) -> None:
        """Claims a submitted order whose lease ran out, without changing its status.

        Raises `Fenced` if it is not to be had, `StoreUnavailable`.
        """
        now = self.now()
        with connection():
            cursor = database.execute_sql(
                "UPDATE orders SET due_at = %s, lease_owner = %s WHERE id = %s AND sequence = %s "
                "AND status = 'submitted' AND due_at <= %s RETURNING id",
                (self.lease_end(now), self.owner, order.id, order.sequence, now),
            )
            if cursor.fetchone() is None:
                raise Fenced()
        order.due_at, order.lease_owner = self.lease_end(now), self.owner

    def renew(self, order: Order) -> None:
        """Prolongs the lease of an order that this process holds, if half of it has passed.

        Raises `Fenced` when somebody else has it now, `StoreUnavailable`.
        """
        now = self.now()
        if order.due_at - now > timedelta(seconds=self._settings.lease_s / 2):
            return
        with connection():
            cursor = database.execute_sql(
                "UPDATE orders SET due_at = %s WHERE id = %s AND sequence = %s "
                "AND lease_owner = %s RETURNING id",
                (self.lease_end(now), order.id, order.sequence, self.owner),
            )
            if cursor.fetchone() is None:
                raise Fenced()
        order.due_at = self.lease_end(now)

    def lease_end(self, now: datetime) -> datetime:
        """When a lease taken or renewed now runs out."""
        end = now.timestamp() + self._settings.lease_s
        step = self._settings.lease_s / LEASE_STEPS
        return datetime.fromtimestamp(math.ceil(end / step) * step, UTC)

    def _row(self, move: Move, at: datetime) -> dict[str, Any]:
        _check_legal(Status(move.order.status), move.status)
        leased = move.status in LEASED
        if not leased and move.status not in TERMINAL and move.due_at is None:
            raise IllegalTransition(f"{move.status} needs a time at which it is due")
        return {
            "id": move.order.id,
            "expected": move.order.sequence,
            "previous": move.order.status,
            "status": move.status,
            "at": at,
            "data": move.data,
            "due_at": self.lease_end(at) if leased else move.due_at,
            "lease_owner": self.owner if leased else None,
            **move.changes,
        }


def _check_legal(previous: Status | None, status: Status) -> None:
    if status not in TRANSITIONS[previous]:
        raise IllegalTransition(f"{previous or 'new'} -> {status}")


def _bring_up_to_date(order: Order, row: dict[str, Any], at: datetime) -> None:
    for name, value in row.items():
        if name in Order._meta.fields:
            setattr(order, name, value)
    order.sequence += 1
    order.updated_at = at
