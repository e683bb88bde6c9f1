"""A web process answers before Redis does: what it hands over still arrives, whole and in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread
from uuid import UUID

import pytest
from redis import Redis

from orders.config import Settings
from orders.domain import exact_json
from orders.domain.events import Event
from orders.messaging.live_feed import EVENTS, MONEY, unpack
from orders.messaging.publisher import BackgroundPublisher
from orders.messaging.queue import OrderQueue
from tests.clients import wait_until

COMMITS = 50
BACKLOG = 2
LONGER_THAN_THE_TEST_MS = 60_000


class Listener:
    """Somebody else at the same Redis: hears what is published, and can hold it up."""

    def __init__(self, settings: Settings) -> None:
        self.redis = Redis.from_url(settings.redis_url)
        self._feed = self.redis.pubsub(ignore_subscribe_messages=True)
        self._feed.subscribe(EVENTS)
        self._feed.get_message(timeout=5)
        self._money = self.redis.pubsub(ignore_subscribe_messages=True)
        self._money.subscribe(MONEY)
        self._money.get_message(timeout=5)

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Redis answers no command that writes or publishes."""
        self.redis.execute_command("CLIENT", "PAUSE", LONGER_THAN_THE_TEST_MS, "WRITE")
        yield
        self.redis.execute_command("CLIENT", "UNPAUSE")

    def hears(self, number: int) -> list[int]:
        """The sequences of that many events, in the order of their arrival."""
        heard: list[int] = []
        while len(heard) < number:
            message = self._feed.get_message(timeout=5)
            assert message is not None, f"only {heard}"
            events = [exact_json.loads(text) for _, _, text in unpack(message["data"])]
            heard += [event["sequence"] for event in events]
        return heard

    def hears_of_money(self, number: int) -> set[UUID]:
        """The accounts whose money has moved, of that many messages."""
        heard: set[UUID] = set()
        for _ in range(number):
            message = self._money.get_message(timeout=5)
            assert message is not None, f"only {heard}"
            heard.add(UUID(message["data"].decode()))
        return heard

    def hears_nothing(self) -> bool:
        """Whether there is nothing to be heard now."""
        return self._feed.get_message(timeout=0.1) is None


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    listener = Listener(settings)
    yield listener
    listener.redis.close()


@pytest.fixture
def queue(settings: Settings) -> OrderQueue:
    return OrderQueue(settings)


@pytest.fixture
def publisher(settings: Settings, queue: OrderQueue) -> Iterator[BackgroundPublisher]:
    publisher = BackgroundPublisher(replace(settings, publish_backlog=COMMITS), queue)
    yield publisher
    publisher.close()


def event(sequence: int) -> Event:
    return Event(UUID(int=7), sequence, "pending", datetime.now(UTC), {"attempt": 1})


def test_caller_goes_on_while_redis_does_not_answer(
    listener: Listener, publisher: BackgroundPublisher, queue: OrderQueue
) -> None:
    order_ids = [UUID(int=number) for number in range(COMMITS)]
    with listener.held_up():
        for number, order_id in enumerate(order_ids):
            publisher.publish([event(number)], [order_id])
        assert listener.hears_nothing()
    assert listener.hears(COMMITS) == list(range(COMMITS))
    publisher.close()
    assert queue.waiting_ids() == set(order_ids)


def test_caller_that_moved_money_goes_on_while_redis_does_not_answer(
    listener: Listener, publisher: BackgroundPublisher, queue: OrderQueue
) -> None:
    accounts = {UUID(int=number) for number in range(5)}
    with listener.held_up():
        for account_id in accounts:
            publisher.publish_money(account_id)
        assert not queue.breaker.is_open, "the caller has not waited for Redis in vain"
    assert listener.hears_of_money(len(accounts)) == accounts


def test_closing_publisher_sends_its_backlog_first(
    listener: Listener, publisher: BackgroundPublisher, queue: OrderQueue
) -> None:
    for number in range(COMMITS):
        publisher.publish([event(number)], [UUID(int=number)])
    publisher.close()
    assert queue.depth() == COMMITS
    assert listener.hears(COMMITS) == list(range(COMMITS))


def test_event_that_cannot_be_sent_stops_no_other(
    listener: Listener, publisher: BackgroundPublisher
) -> None:
    publisher.publish([replace(event(0), data={"attempt": object()})], [])
    wait_until(publisher._backlog.empty)
    publisher.publish([event(1)], [])
    assert listener.hears(1) == [1]


def test_callers_wait_once_the_backlog_is_full(
    listener: Listener, settings: Settings, queue: OrderQueue
) -> None:
    publisher = BackgroundPublisher(replace(settings, publish_backlog=BACKLOG), queue)
    in_hand = 1 + BACKLOG
    too_many = in_hand + BACKLOG + 1

    def publish_too_many() -> None:
        for number in range(too_many):
            publisher.publish([event(number)], [])

    caller = Thread(target=publish_too_many)
    with listener.held_up():
        caller.start()
        caller.join(timeout=0.3)
        assert caller.is_alive()
    caller.join(timeout=5)
    assert not caller.is_alive()
    publisher.close()
    assert listener.hears(too_many) == list(range(too_many))


def test_redis_that_is_away_stops_nobody(
    settings: Settings, listener: Listener, publisher: BackgroundPublisher, queue: OrderQueue
) -> None:
    queue.pool.connection_kwargs |= {"path": "/nowhere/redis.sock"}
    away = BackgroundPublisher(replace(settings, publish_backlog=BACKLOG), queue)
    for number in range(COMMITS):
        away.publish([event(number)], [UUID(int=number)])
    away.close()
    assert queue.breaker.is_open
    assert listener.hears_nothing()
