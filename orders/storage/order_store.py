"""The order store, which alone changes an order's status: durably, fenced, then published.

`OrderStore.place` stores a new order. `claim` takes a pending order for a worker. `advance` changes
a status: it updates the row where id, status and expected sequence match, and inserts the events,
in one statement. If no row comes back, another process changed the order, and the caller must stop.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from psycopg2.errors import UniqueViolation

from orders.config import Settings
from orders.domain import failpoints
from orders.domain.clock import Clock
from orders.domain.errors import Fenced
from orders.domain.events import Event
from orders.domain.lifecycle import LEASED, TERMINAL, IllegalTransition, Status, check_legal
from orders.domain.signed_swap import SignedSwap
from orders.observability import observe
from orders.storage.database import connection, database
from orders.storage.journal import CLAIMED, Journal, Row, Write
from orders.storage.journal_transaction import JournalTransaction, transaction
from orders.storage.models import Order
from orders.storage.order_changes import (
    ClientOrderIdTaken,
    IdempotencyClaim,
    NewOrder,
    NotEnough,
    Transition,
)

LEASE_STEPS = 20
"""Leases end on multiples of this fraction, so that most renewals change no indexed column."""


class OrderStore:
    """Makes transitions durable, then publishes them. One per process."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal | JournalTransaction,
        owner: str,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self.owner = owner

    @contextmanager
    def together(self) -> Iterator[OrderStore]:
        """A store whose changes are one transaction, with all else that the block stores.

        An exception undoes them all. Raises `StoreUnavailable`.
        """
        assert isinstance(self._journal, Journal), "a transaction has no transactions within"
        with transaction(self._journal) as begun:
            yield OrderStore(self._settings, self._clock, begun, self.owner)

    def now(self) -> datetime:
        """The time, in UTC and whole milliseconds: what is stored equals what is streamed."""
        now = self._clock.now().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def place(self, orders: Sequence[NewOrder], claim: IdempotencyClaim | None = None) -> bool:
        """Stores new orders with their first events: all or none, in one commit.

        With a `hold` among the columns, their `wallet` holds that many base units of `token_in`
        from then on; several orders are of one group and spend one token of one wallet. False if
        the idempotency key is held by another order: nothing is stored then.
        Raises `NotEnough`, `ClientOrderIdTaken`, `StoreUnavailable`.
        """
        at = self.now()
        key = _key_columns(claim, orders[0])
        events = {new.columns["id"]: _first_event(new, at) for new in orders}
        write = Write(
            "place",
            [_new_row(new, at) | key for new in orders],
            lambda row: [events[row[0]]],
            [new.columns["id"] for new in orders if new.status is Status.PENDING],
        )
        try:
            placed = bool(self._journal.write(write))
        except UniqueViolation as error:
            if error.diag.table_name != "client_order_ids":
                raise
            raise ClientOrderIdTaken() from None
        if refused := next(iter(write.refused.values()), None):
            raise NotEnough(max(int(new.columns["hold"]) for new in orders), refused)
        if placed:
            self._journal.once_committed(partial(_observe_placed, orders))
        return placed

    def claim(self, order_id: UUID) -> Order | None:
        """Claims a pending order that is due: routing, its attempt counted, under a lease.

        Returns None if another worker has it or it is not due. Raises `StoreUnavailable`.
        """
        at = self.now()
        row = {
            "kind": "claim",
            "id": order_id,
            "at": at,
            "due_at": self.lease_end(at),
            "lease_owner": self.owner,
        }
        failpoints.point("before_routing")
        claimed = self._journal.write(Write("claim", [row], _claim_events)).get(order_id)
        if claimed is None:
            return None
        order_id, *columns, pending_since, _ = claimed
        order = Order(id=order_id, **dict(zip(CLAIMED, columns, strict=True)))
        observe.order_claimed(order, pending_since)
        failpoints.point("after_routing")
        return order

    def advance(
        self,
        order: Order,
        status: Status,
        data: dict[str, Any],
        *,
        due_at: datetime | None = None,
        via: Sequence[tuple[Status, dict[str, Any]]] = (),
        **changes: Any,
    ) -> None:
        """Changes the order's status and stores the event; `order` is brought up to date.

        A leased status renews the lease; pending and open need `due_at`.
        Raises `Fenced` when somebody else moved the order, `StoreUnavailable`, and
        `IllegalTransition` where the code is wrong.
        """
        if order.id not in self.advance_all(
            [Transition(order, status, data, due_at, changes, via)]
        ):
            observe.order_fenced(order.id, order.status, status)
            raise Fenced()

    def amend(self, order: Order, data: dict[str, Any], due_at: datetime, **changes: Any) -> None:
        """Changes the terms of an open order and stores the event; `order` is brought up to date.

        `changes` are columns; with a `hold` among them the wallet holds that much from then on.
        Raises `Fenced` when somebody else moved the order, `NotEnough`, `StoreUnavailable`.
        """
        at = self.now()
        event = Event(
            order.id,
            order.sequence + 1,
            order.status,
            at,
            data,
            order.account_id,
            client_order_id=order.client_order_id,
        )
        row = {"id": order.id, "expected": order.sequence, "at": at, "due_at": due_at}
        row |= {"data": data, **changes}
        if "hold" in changes:
            row["wallet"] = order.wallet
        write = Write("amend", [row], lambda _: [event])
        failpoints.point("before_amended")
        amended = self._journal.write(write)
        if refused := write.refused.get(order.id):
            raise NotEnough(int(changes["hold"]), refused)
        if order.id not in amended:
            observe.order_fenced(order.id, order.status, "amended")
            raise Fenced()
        failpoints.point("after_amended")
        _bring_up_to_date(order, row | {"events": [event]}, at)

    def advance_all(self, transitions: Sequence[Transition]) -> set[UUID]:
        """Makes several transitions in one transaction; returns the orders that have changed."""
        at = self.now()
        events = {transition.order.id: transition.events(at) for transition in transitions}
        rows = [
            self._row(transition, events[transition.order.id], at) for transition in transitions
        ]
        wake_ups = [
            t.order.id
            for t in transitions
            if t.status is Status.PENDING and t.due_at is not None and t.due_at <= at
        ]
        _pass_crash_points("before", transitions)
        moved = self._journal.write(Write("advance", rows, lambda row: events[row[0]], wake_ups))
        for transition, row in zip(transitions, rows, strict=True):
            if transition.order.id in moved:
                self._journal.once_committed(partial(_finish, transition, row, at))
        _pass_crash_points(
            "after", [transition for transition in transitions if transition.order.id in moved]
        )
        return set(moved)

    def take_over(self, order: Order) -> None:
        """Claims a submitted order whose lease ran out, without changing its status.

        Raises `Fenced` if another worker has it, `StoreUnavailable`.
        """
        now = self.now()
        lease_end = self.lease_end(now)
        self._lease(
            "UPDATE orders SET due_at = %s, lease_owner = %s WHERE id = %s AND sequence = %s "
            "AND status = 'submitted' AND due_at <= %s RETURNING id",
            (lease_end, self.owner, order.id, order.sequence, now),
        )
        order.due_at, order.lease_owner = lease_end, self.owner

    def renew(self, order: Order) -> None:
        """Prolongs the lease of an order that this process holds, if half of it has passed.

        Raises `Fenced` when somebody else has it now, `StoreUnavailable`.
        """
        now = self.now()
        if order.due_at - now > timedelta(seconds=self._settings.lease_s / 2):
            return
        lease_end = self.lease_end(now)
        self._lease(
            "UPDATE orders SET due_at = %s WHERE id = %s AND sequence = %s "
            "AND lease_owner = %s RETURNING id",
            (lease_end, order.id, order.sequence, self.owner),
        )
        order.due_at = lease_end

    def _lease(self, statement: str, parameters: tuple[Any, ...]) -> None:
        with connection():
            held = database.execute_sql(statement, parameters).fetchone() is not None
        if not held:
            raise Fenced()

    def lease_end(self, now: datetime) -> datetime:
        """The end of a lease taken or renewed now."""
        end = now.timestamp() + self._settings.lease_s
        step = self._settings.lease_s / LEASE_STEPS
        return datetime.fromtimestamp(math.ceil(end / step) * step, UTC)

    def _row(self, transition: Transition, events: Sequence[Event], at: datetime) -> dict[str, Any]:
        previous = Status(transition.order.status)
        for status, _ in transition.steps:
            check_legal(previous, status)
            previous = status
        leased = transition.status in LEASED
        if not leased and transition.status not in TERMINAL and transition.due_at is None:
            raise IllegalTransition(f"{transition.status} needs a time at which it is due")
        return {
            "kind": "advance",
            "id": transition.order.id,
            "expected": transition.order.sequence,
            "previous": transition.order.status,
            "status": transition.status,
            "at": at,
            "events": [{"status": event.status, "data": event.encoded} for event in events],
            "due_at": self.lease_end(at) if leased else transition.due_at,
            "lease_owner": self.owner if leased else None,
            **_wallets_concerned(transition),
            **_cancelled_by(transition),
            **transition.changes,
        }


def _observe_placed(orders: Sequence[NewOrder]) -> None:
    for new in orders:
        columns = new.columns
        observe.order_placed(columns["type"], columns["id"], columns.get("scenario"))


def _finish(transition: Transition, row: dict[str, Any], at: datetime) -> None:
    observe.order_advanced(transition.order, transition.status, transition.data, at)
    _bring_up_to_date(transition.order, row, at)


def _new_row(new: NewOrder, at: datetime) -> dict[str, Any]:
    check_legal(None, new.status)
    told = {"status": new.status, "due_at": new.due_at, "at": at, "data": new.data}
    return new.columns | told


def _first_event(new: NewOrder, at: datetime) -> Event:
    return Event(
        new.columns["id"],
        1,
        new.status,
        at,
        new.data,
        new.columns["account_id"],
        client_order_id=new.columns.get("client_order_id"),
    )


def _key_columns(claim: IdempotencyClaim | None, held_by: NewOrder) -> dict[str, Any]:
    if claim is None:
        return {}
    return {
        "key_scope": claim.scope,
        "key": claim.key,
        "key_hash": claim.payload_hash,
        "key_expires_at": claim.expires_at,
        "key_order": held_by.columns["id"],
    }


def _claim_events(row: Row) -> list[Event]:
    order_id, *columns, _, data = row
    claimed = dict(zip(CLAIMED, columns, strict=True))
    return [
        Event(
            order_id,
            claimed["sequence"],
            claimed["status"],
            claimed["updated_at"],
            data,
            claimed["account_id"],
            client_order_id=claimed["client_order_id"],
        )
    ]


def _wallets_concerned(transition: Transition) -> dict[str, Any]:
    """The wallets that a transition changes: the end of a funded order changes its wallet, and
    those that it pays.
    """
    order = transition.order
    if order.wallet is None or order.hold is None or transition.status not in TERMINAL:
        return {}
    if order.signed_transaction is None or transition.status is not Status.CONFIRMED:
        return {"wallet": order.wallet}
    payees = SignedSwap.from_json(order.signed_transaction).payees
    return {"wallet": order.wallet, "payees": payees}


def _cancelled_by(transition: Transition) -> dict[str, Any]:
    """What a cancelled order says of its end is what its event says."""
    if transition.status is not Status.CANCELLED:
        return {}
    return {"cancelled_by": transition.data or None}


def _pass_crash_points(when: str, transitions: Sequence[Transition]) -> None:
    for transition in transitions:
        for status, _ in transition.steps:
            failpoints.point(f"{when}_{status}")


def _bring_up_to_date(order: Order, row: dict[str, Any], at: datetime) -> None:
    for name, value in row.items():
        if name in Order._meta.fields:
            setattr(order, name, value)
    order.sequence += len(row["events"])
    order.updated_at = at
