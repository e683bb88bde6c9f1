"""The list feed: all events of an account's orders, or of the anonymous ones.

It carries each event at most once and in order per order. Clients that show the list fetch it again
when `resync` arrives, because after an outage of Redis events may be missing.
"""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from orders.streams.rooms import LiveRooms, feed_room
from orders.streams.update import Message, Update

REMEMBERED_ORDERS = 20_000
"""Orders whose last sequence is remembered, to drop repeated events."""


class ListFeed:
    """Passes events on to the list feeds of this process."""

    def __init__(self, rooms: LiveRooms) -> None:
        self._rooms = rooms
        self._last: OrderedDict[str, int] = OrderedDict()

    def shown(self, account_id: UUID | None) -> bool:
        """Whether a client of this process watches the list feed of an account."""
        return self._rooms.occupied(feed_room(account_id))

    def receive(self, message: Message, account_id: UUID | None) -> None:
        """Takes an event of the live feed, and the account whose list shows it."""
        room = feed_room(account_id)
        if not self._rooms.occupied(room):
            return
        order_id, sequence = message["orderId"], message["sequence"]
        if sequence <= self._last.get(order_id, 0):
            return
        self._last[order_id] = sequence
        self._last.move_to_end(order_id)
        if len(self._last) > REMEMBERED_ORDERS:
            self._last.popitem(last=False)
        # Watchers of the order itself receive it from the order's room.
        self._rooms.emit(room, Update(message), skip=self._rooms.members(order_id))

    def resync(self) -> None:
        """Tells all list feeds of this process to fetch their list again."""
        self._rooms.announce_resync()
