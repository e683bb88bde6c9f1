"""The life of an order: its statuses and the legal transitions between them.

Only `orders.storage.order_store` makes transitions.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The status of an order."""

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
    # Back to pending only once the transaction provably cannot land: the chain decides that.
    Status.SUBMITTED: frozenset({Status.CONFIRMED, Status.PENDING, Status.FAILED}),
    Status.CONFIRMED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
"""For each status (None: not stored yet) the statuses it may change to."""

TERMINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
LEASED = frozenset({Status.ROUTING, Status.BUILDING, Status.SUBMITTED})
"""Statuses in which a worker holds the order, under a lease."""
AMENDABLE = frozenset({Status.OPEN})
"""Statuses in which an order's terms may change. The status stays; an event says what was
`amended`.
"""
CANCELLABLE = frozenset({Status.PENDING, Status.OPEN})


class IllegalTransition(AssertionError):
    """The code tried a transition that is not in the table: a bug, never a user's mistake."""


def check_legal(previous: Status | None, status: Status) -> None:
    """Raises `IllegalTransition` if the table does not allow this transition."""
    if status not in TRANSITIONS[previous]:
        raise IllegalTransition(f"{previous or 'new'} -> {status}")
