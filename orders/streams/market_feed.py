"""The market stream: reads each followed price or chart once for all its followers.

Every topic is a room. One loop reads the topics in turn, no faster than the settings say, and sends
what has changed. It takes a bounded share of the process's time: with many topics, updates come
less often.
"""

from __future__ import annotations

import time
from threading import Event
from typing import Protocol

from orders.domain.errors import StoreUnavailable
from orders.observability import observe
from orders.streams.connection import Connection
from orders.streams.rooms import LiveRooms
from orders.streams.update import Message, Update

IDLE_PER_BUSY = 4.0
"""The loop rests at least this many times as long as it has worked."""


class Topic(Protocol):
    """A price or a chart that clients can follow."""

    @property
    def key(self) -> str:
        """The topic's identity, and the name of its room."""

    @property
    def event(self) -> str:
        """The name of its messages."""

    def read(self) -> Message:
        """Reads the topic's present state; the same message as before if only time has passed.

        Raises `StoreUnavailable`.
        """


class MarketFeed:
    """Sends updates of the topics that are followed in this process."""

    def __init__(self, rooms: LiveRooms, interval_s: float) -> None:
        self._rooms = rooms
        self._interval_s = interval_s
        self._topics: dict[str, Topic] = {}
        self._latest: dict[str, Message] = {}
        self._wanted = Event()

    def join(self, connection: Connection, topic: Topic) -> None:
        """Sends the connection all changes from now on. Raises `StoreUnavailable`."""
        key = topic.key
        message = self._latest.get(key) or topic.read()
        if connection.closed:  # The connection ended during the read.
            return
        self._topics.setdefault(key, topic)
        self._latest.setdefault(key, message)
        self._rooms.enter(connection.id, key)
        connection.topics.add(key)
        self._wanted.set()

    def latest(self, topic: Topic) -> Message:
        """The topic's state when it was last read. Raises `StoreUnavailable`."""
        return self._latest.get(topic.key) or topic.read()

    def leave(self, connection: Connection, key: str) -> None:
        """Ends a connection's subscription to a topic."""
        connection.topics.discard(key)
        self._rooms.leave(connection.id, key)
        if not self._rooms.occupied(key):
            self._topics.pop(key, None)
            self._latest.pop(key, None)

    def run(self) -> None:
        """Sends updates for as long as the process lives; rests while there are no followers."""
        while True:
            self._wanted.wait()
            began = time.monotonic()
            self.update()
            busy_s = time.monotonic() - began
            time.sleep(max(self._interval_s, IDLE_PER_BUSY * busy_s))
            if not self._topics:
                self._wanted.clear()

    def update(self) -> None:
        """Reads every topic once and sends those that changed."""
        for topic in list(self._topics.values()):
            try:
                self._renew(topic)
            except StoreUnavailable as error:
                observe.store_unavailable("streams", error)
                return
            except Exception as error:
                observe.internal_error("streams", error)
            time.sleep(0)  # Lets requests run in between.

    def _renew(self, topic: Topic) -> None:
        message = topic.read()
        # Its followers may have left meanwhile.
        if topic.key in self._topics and _differ(message, self._latest[topic.key]):
            self._latest[topic.key] = message
            self._rooms.emit(topic.key, Update(message, topic.event))


def _differ(message: Message, other: Message) -> bool:
    return {**message, "timestamp": None} != {**other, "timestamp": None}
