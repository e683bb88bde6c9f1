"""The market stream in one process: read once for all, sent when it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from orders.domain.errors import StoreUnavailable
from orders.streams.connection import Allowance, Connection
from orders.streams.market_feed import MarketFeed
from orders.streams.rooms import LiveRooms

NEVER_S = 3600


class Server:
    """Stands in for Socket.IO's server."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def enter_room(self, *_: Any, **__: Any) -> None:
        """Rooms are the business of LiveRooms."""

    leave_room = enter_room

    def emit(self, event: str, message: Any, room: str, **_: Any) -> None:
        self.sent.append((room, message["price"]))


@dataclass
class Topic:
    """A price that the test sets, and how often it was read."""

    key: str
    price: int = 1
    reads: int = 0
    event: str = "price_update"
    failure: Exception | None = field(default=None)

    def read(self) -> dict[str, Any]:
        self.reads += 1
        if self.failure:
            raise self.failure
        return {"price": self.price, "timestamp": self.reads}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def feed(server: Server) -> MarketFeed:
    return MarketFeed(LiveRooms(server), NEVER_S)


def connection(name: str) -> Connection:
    return Connection(name, None, Allowance(100))


def test_price_is_read_once_for_a_thousand_who_follow_it(feed: MarketFeed, server: Server) -> None:
    topic = Topic("SOL")
    for number in range(1_000):
        feed.join(connection(str(number)), topic)
    assert topic.reads == 1
    topic.price = 2
    feed.update()
    assert topic.reads == 2
    assert server.sent == [("SOL", 2)]


def test_price_that_did_not_change_is_not_sent(feed: MarketFeed, server: Server) -> None:
    topic = Topic("SOL")
    feed.join(connection("one"), topic)
    feed.update()
    assert server.sent == []
    assert feed.latest(topic)["price"] == 1


def test_nothing_is_read_without_subscribers(feed: MarketFeed, server: Server) -> None:
    topic, one, other = Topic("SOL"), connection("one"), connection("other")
    feed.join(one, topic)
    feed.join(other, topic)
    feed.leave(one, "SOL")
    feed.update()
    assert topic.reads == 2
    feed.leave(other, "SOL")
    feed.update()
    assert topic.reads == 2


def test_connection_that_has_gone_does_not_join(feed: MarketFeed, server: Server) -> None:
    topic, gone = Topic("SOL"), connection("gone")
    gone.closed = True
    feed.join(gone, topic)
    feed.update()
    assert topic.reads == 1
    assert gone.topics == set()


def test_failing_topic_delays_no_other(feed: MarketFeed, server: Server) -> None:
    broken, sound = Topic("BROKEN"), Topic("SOUND")
    for topic in (broken, sound):
        feed.join(connection(topic.key), topic)
    broken.failure, sound.price = ValueError("a defect"), 2
    feed.update()
    assert server.sent == [("SOUND", 2)]


def test_stream_goes_on_after_an_outage(feed: MarketFeed, server: Server) -> None:
    topic = Topic("SOL", failure=None)
    feed.join(connection("one"), topic)
    topic.failure, topic.price = StoreUnavailable(), 2
    feed.update()
    assert server.sent == []
    topic.failure = None
    feed.update()
    assert server.sent == [("SOL", 2)]
