"""How a worker's green threads get their messages from Redis, and what stops them not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from huey.consumer import Consumer
from redis import ConnectionError

from orders.config import Settings
from orders.domain.waiting import green
from orders.messaging.queue import OrderQueue
from tests.clients import wait_until

WORKERS = 4
IDS = [UUID(int=number) for number in range(3 * WORKERS)]


@pytest.fixture
def queue(settings: Settings) -> OrderQueue:
    return OrderQueue(settings)


def order_id(message: bytes, queue: OrderQueue) -> UUID:
    """The order that a message is about."""
    return UUID(queue.huey.serializer.deserialize(message).args[0])


def consume(queue: OrderQueue, task: Callable[[str], None]) -> Consumer:
    """A started consumer whose workers call `task` with the id of each order."""
    task.__module__ = "tasks"
    queue.huey.task()(task)
    consumer = queue.huey.create_consumer(workers=WORKERS, periodic=False)
    consumer.scheduler.start()
    for _, worker in consumer.worker_threads:
        worker.start()
    return consumer


def test_waiting_messages_are_taken_oldest_first_up_to_the_number_asked_for(
    queue: OrderQueue,
) -> None:
    queue.add(IDS)
    assert [order_id(raw, queue) for raw in queue.huey.storage.take(WORKERS)] == IDS[:WORKERS]
    assert queue.depth() == len(IDS) - WORKERS


def test_wait_for_a_message_ends_with_the_first_or_without_one(queue: OrderQueue) -> None:
    queue.add(IDS[:2])
    first = queue.huey.storage.wait()
    assert first is not None
    assert order_id(first, queue) == IDS[0]
    queue.huey.flush()
    assert queue.huey.storage.wait() is None


def test_redis_that_is_away_is_asked_once_and_then_only_waited_for(settings: Settings) -> None:
    queue = OrderQueue(replace(settings, redis_url="unix:///nowhere/redis.sock"))
    assert queue.huey.storage.take(WORKERS) == []
    assert queue.breaker.is_open
    with pytest.raises(ConnectionError):
        queue.huey.storage.wait()


def test_workers_are_green_threads_of_one_os_thread_and_execute_every_message(
    queue: OrderQueue,
) -> None:
    executed: list[str] = []
    on_threads: set[int] = set()

    def execute_order(order_id: str) -> None:
        scheduler = green()
        assert scheduler is not None
        scheduler.sleep(0.001)
        on_threads.add(threading.get_ident())
        executed.append(order_id)

    queue.add(IDS)
    consumer = consume(queue, execute_order)
    wait_until(lambda: len(executed) == len(IDS), "every message")
    queue.add(IDS[:1])
    wait_until(lambda: len(executed) == len(IDS) + 1, "the one that came later")
    consumer.stop(graceful=True)
    assert sorted(executed) == sorted([*map(str, IDS), str(IDS[0])])
    assert len(on_threads) == 1
    assert not any(worker.is_alive() for _, worker in consumer.worker_threads)


def test_graceful_stop_waits_for_the_order_in_hand(queue: OrderQueue) -> None:
    begun, ended = threading.Event(), threading.Event()

    def execute_order(order_id: str) -> None:
        begun.set()
        scheduler = green()
        assert scheduler is not None
        scheduler.sleep(0.5)
        ended.set()

    queue.add(IDS[:1])
    consumer = consume(queue, execute_order)
    assert begun.wait(5)
    consumer.stop(graceful=True)
    assert ended.is_set()


def test_order_in_flight_goes_on_while_redis_does_not_answer(settings: Settings) -> None:
    queue = OrderQueue(settings)
    begun = threading.Event()
    ticks: list[float] = []

    def execute_order(order_id: str) -> None:
        begun.set()
        scheduler = green()
        assert scheduler is not None
        while not enough.is_set():
            scheduler.sleep(0.01)
            ticks.append(time.monotonic())

    enough = threading.Event()
    queue.add(IDS[:1])
    consumer = consume(queue, execute_order)
    assert begun.wait(5)
    queue.breaker.trip()
    queue.huey.storage.wait = unanswered
    before = len(ticks)
    wait_until(lambda: len(ticks) > before + 50, "fifty turns of the order in flight")
    enough.set()
    consumer.stop(graceful=True)


def unanswered() -> None:
    """What waiting for a message comes to while Redis is away."""
    raise ConnectionError("away")
