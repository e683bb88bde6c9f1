"""A hub per watched order and process: it knows which events its watchers have seen.

All watchers of a hub have seen the same events. A new watcher receives, under the hub's lock, the
history up to there and is then a member. From then on it receives what the hub passes on: each
event once and in order, even if the live feed drops, repeats or swaps some.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from orders.domain.errors import StoreUnavailable
from orders.domain.lifecycle import TERMINAL
from orders.market.scenarios.reading import is_withheld
from orders.observability import observe
from orders.storage.database import connection
from orders.storage.history import read_history
from orders.streams.update import Message, Update


class Watcher(Protocol):
    """A connection that receives the events of one order. `deliver` must not block."""

    def deliver(self, update: Update) -> None:
        """Takes the next event."""


class Hub:
    """The watchers of one order in this process, and how far they have seen."""

    def __init__(self, order_id: UUID, rooms: Rooms) -> None:
        self.order_id = order_id
        self.sequence: int | None = None
        self.status: str | None = None
        self.watchers: set[Watcher] = set()
        self.lock = Lock()
        self.joining = 0
        self._rooms = rooms
        self._inbox: list[Message] = []
        self._scenario: str | None = None

    def receive(self, message: Message) -> None:
        """Takes a message of the live feed; never blocks the feed for the database."""
        self._inbox.append(message)
        while self._inbox and self.lock.acquire(blocking=False):
            try:
                if not self._drain():
                    observe.stream_gap(self.order_id)
                    self._rooms.spawn(self.repair)
                    return
            finally:
                self.lock.release()

    def repair(self) -> None:
        """Reads missing events from PostgreSQL and passes them on."""
        with self.lock:
            try:
                self.catch_up()
            except StoreUnavailable:
                return
        self.receive_waiting()

    def receive_waiting(self) -> None:
        """Passes on what arrived while the lock was held."""
        while self._inbox and self.lock.acquire(blocking=False):
            try:
                if not self._drain():
                    return
            finally:
                self.lock.release()

    def catch_up(self, after: int | None = None) -> list[Message]:
        """Brings all watchers up to what PostgreSQL holds. The caller has the lock.

        Returns the events after `after`, or after what the watchers had seen.
        Raises `StoreUnavailable`.
        """
        seen = self.sequence or 0
        with connection():
            events = read_history(self.order_id, after=min(seen, seen if after is None else after))
        messages = [event.message() for event in events]
        for message in messages:
            self._pass_on(message)
        if self.sequence is None:
            self.sequence = len(messages)
        if after is None:
            return messages
        return [message for message in messages if message["sequence"] > after]

    def _drain(self) -> bool:
        """Passes the waiting messages on; returns False if an earlier one is missing."""
        while self._inbox:
            message = self._inbox[0]
            if self.sequence is not None and message["sequence"] > self.sequence + 1:
                return False
            self._inbox.pop(0)
            self._pass_on(message)
        return True

    def _pass_on(self, message: Message) -> None:
        if self.sequence is not None:
            if message["sequence"] <= self.sequence:
                return
            assert message["sequence"] == self.sequence + 1
            if not is_withheld(self._scenario, message["status"]):
                self._deliver(Update(message))
            self.sequence = message["sequence"]
        if message["sequence"] == 1:
            self._scenario = message["data"].get("scenario")
        self.status = message["status"]

    def _deliver(self, update: Update) -> None:
        self._rooms.emit(str(self.order_id), update)
        for watcher in tuple(self.watchers):
            watcher.deliver(update)

    @property
    def terminal(self) -> bool:
        """Whether the order has ended: no event will follow."""
        return self.status in TERMINAL

    @staticmethod
    def ends_with(message: Message) -> bool:
        """Whether this event is an order's last."""
        return message["status"] in TERMINAL


class Rooms(Protocol):
    """What hubs need of Socket.IO: rooms to emit to, and background tasks."""

    def emit(self, room: str, update: Update) -> None:
        """Sends an event to all connections in a room of this process."""

    def occupied(self, room: str) -> bool:
        """Whether a connection of this process is in the room."""

    def spawn(self, task: Any, *arguments: Any) -> None:
        """Runs the task in the background."""


class Hubs:
    """The hubs of this process."""

    rooms: Rooms

    def __init__(self) -> None:
        self._hubs: dict[str, Hub] = {}

    def receive(self, message: Message) -> None:
        """Takes a message of the live feed; most orders have no watcher here."""
        hub = self._hubs.get(message["orderId"])
        if hub is not None:
            hub.receive(message)

    def watches(self, order_id: UUID) -> bool:
        """Whether a client of this process watches the order, or is about to."""
        return str(order_id) in self._hubs

    def open(self, order_id: UUID) -> Hub:
        """Returns the order's hub, made if there is none. Call `joined` when done."""
        key = str(order_id)
        hub = self._hubs.get(key)
        if hub is None:
            hub = self._hubs[key] = Hub(order_id, self.rooms)
        hub.joining += 1
        return hub

    def joined(self, hub: Hub) -> None:
        """Ends what `open` began: the watcher is a member, or has given up."""
        hub.joining -= 1
        self.drop_if_unused(hub)

    def drop_if_unused(self, hub: Hub) -> None:
        """Forgets a hub that nobody watches."""
        key = str(hub.order_id)
        if hub.joining or hub.watchers or self.rooms.occupied(key):
            return
        if self._hubs.get(key) is hub:
            del self._hubs[key]

    def leave(self, order_id: UUID) -> None:
        """Takes note that a connection has left the order."""
        hub = self._hubs.get(str(order_id))
        if hub is not None:
            self.drop_if_unused(hub)

    def live(self) -> Iterable[Hub]:
        """The hubs whose order has not ended."""
        return [hub for hub in self._hubs.values() if not hub.terminal]

    def __len__(self) -> int:
        return len(self._hubs)
