"""Wake-ups of webhooks: one message an endpoint, and never so many that orders are refused."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from orders.config import Settings
from orders.messaging.queue import OrderQueue
from orders.messaging.single_wake_ups import SingleWakeUps

ENDPOINT = UUID(int=9)
TASK = "tasks.deliver_webhook"


@pytest.fixture
def queue(settings: Settings) -> OrderQueue:
    return OrderQueue(settings)


def test_an_endpoint_that_stays_due_has_one_message_until_a_worker_takes_it(
    settings: Settings, queue: OrderQueue
) -> None:
    wake_ups = SingleWakeUps(settings, queue, TASK)
    assert [wake_ups.wake(ENDPOINT) for _ in range(3)] == [True, False, False]
    assert wake_ups.wake(uuid4())
    assert queue.depth() == 2
    wake_ups.taken(ENDPOINT)
    assert wake_ups.wake(ENDPOINT)
    assert queue.depth() == 3


def test_lost_redis_data_lose_no_wake_up(settings: Settings, queue: OrderQueue) -> None:
    wake_ups = SingleWakeUps(settings, queue, TASK)
    assert wake_ups.wake(ENDPOINT)
    queue.redis.flushdb()
    assert wake_ups.wake(ENDPOINT)


def test_webhooks_leave_room_for_orders_in_the_queue(settings: Settings, queue: OrderQueue) -> None:
    wake_ups = SingleWakeUps(replace(settings, max_queue_depth=20), queue, TASK)
    assert sum(wake_ups.wake(uuid4()) for _ in range(30)) == 10
    assert queue.depth() == 10
    queue.huey.storage.dequeue()
    assert wake_ups.wake(ENDPOINT)
