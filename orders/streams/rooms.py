"""Rooms: who of this process receives what. An order's room is its id; the others are named here.

A member is a Socket.IO connection or a plain WebSocket, by its id. Whoever wants amounts as strings
receives them so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol
from uuid import UUID

import socketio

from orders.observability import observe
from orders.streams.update import Message, Update

NAMESPACE = "/"
FEED_PREFIX = "orders:"
ACCOUNT_PREFIX = "account:"
ACCOUNT_ORDERS_PREFIX = "account-orders:"
STRINGS = "#strings"
"""Follows the name of a room in Socket.IO's server: those of the room who want strings."""


def feed_room(account_id: UUID | str | None) -> str:
    """The room in which an account's list feed, or the anonymous one, is sent."""
    return f"{FEED_PREFIX}{account_id or 'anonymous'}"


def account_room(account_id: UUID) -> str:
    """The room in which the changes of an account's money are sent."""
    return f"{ACCOUNT_PREFIX}{account_id}"


def account_orders_room(account_id: UUID) -> str:
    """The room in which the numbered events of an account's orders are sent."""
    return f"{ACCOUNT_ORDERS_PREFIX}{account_id}"


def is_feed_room(room: str) -> bool:
    """Whether a room is that of a list feed."""
    return room.startswith(FEED_PREFIX)


class PlainMember(Protocol):
    """A plain WebSocket in a room. `deliver` must not block."""

    def deliver(self, update: Update) -> None:
        """Takes the next message."""


class LiveRooms:
    """The rooms of this process and who is in them."""

    def __init__(self, server: socketio.Server) -> None:
        self._server = server
        self._members: dict[str, set[str]] = {}
        self._plain: dict[str, PlainMember] = {}
        self._strings: set[str] = set()

    def admit(self, member: str, *, strings: bool, plain: PlainMember | None = None) -> None:
        """Knows a connection from now on; `plain` is the socket of one that is not Socket.IO's."""
        if plain is not None:
            self._plain[member] = plain
        if strings:
            self._strings.add(member)

    def dismiss(self, member: str) -> None:
        """Forgets a connection, which has left its rooms."""
        self._plain.pop(member, None)
        self._strings.discard(member)

    def wants_strings(self, member: str) -> bool:
        """Whether a connection wants amounts as strings."""
        return member in self._strings

    def emit(self, room: str, update: Update, skip: Collection[str] = ()) -> None:
        """Sends a message to the connections in a room."""
        receivers = self.members(room).difference(skip)
        if receivers:
            self._deliver(update, room, room + STRINGS, receivers, skip)

    def emit_to(self, member: str, update: Update) -> None:
        """Sends a message to one connection."""
        self._deliver(update, member, member, frozenset({member}), ())

    def send(self, event: str, to: str, message: Message) -> None:
        """Sends a message of that name to a room or to one connection."""
        update = Update(message, event)
        if self.occupied(to):
            self.emit(to, update)
        else:
            self.emit_to(to, update)

    def enter(self, member: str, room: str) -> None:
        """Puts a connection of this process into a room."""
        if member not in self._plain:
            self._server.enter_room(member, self._server_room(member, room), namespace=NAMESPACE)
        self._members.setdefault(room, set()).add(member)

    def leave(self, member: str, room: str) -> None:
        """Takes a connection of this process out of a room."""
        members = self._members.get(room, set())
        if member not in members:
            return
        if member not in self._plain:
            self._server.leave_room(member, self._server_room(member, room), namespace=NAMESPACE)
        members.remove(member)
        if not members:
            del self._members[room]

    def occupied(self, room: str) -> bool:
        """Whether a connection of this process is in the room."""
        return room in self._members

    def members(self, room: str) -> frozenset[str]:
        """The connections of this process in a room."""
        return frozenset(self._members.get(room, ()))

    def announce_resync(self) -> None:
        """Sends `resync` to the list feeds of this process."""
        for room in filter(is_feed_room, list(self._members)):
            self.emit(room, Update({"type": "resync"}, "resync"))

    def spawn(self, task: Any, *arguments: Any) -> None:
        """Runs the task in the background."""
        self._server.start_background_task(task, *arguments)

    def _server_room(self, member: str, room: str) -> str:
        return room + STRINGS if member in self._strings else room

    def _deliver(
        self,
        update: Update,
        room: str,
        strings_room: str,
        receivers: frozenset[str],
        skip: Collection[str],
    ) -> None:
        plain = receivers & self._plain.keys()
        strings = (receivers & self._strings) - plain
        options = {"skip_sid": list(skip), "namespace": NAMESPACE}
        if len(receivers) > len(plain) + len(strings):
            self._server.emit(update.event, update.message, room=room, **options)
        if strings:
            self._server.emit(
                update.event, update.message_with_strings, room=strings_room, **options
            )
        for member in plain:
            self._plain[member].deliver(update)
        observe.events_sent("socketio", len(receivers) - len(plain))
