"""The queue is Huey's own; results and revocations are not its business."""

from __future__ import annotations

from uuid import UUID

import pytest
from huey.api import Task

from orders.config import Settings
from orders.messaging.queue import OrderQueue
from tests.clients import wait_until

ORDER_ID = UUID(int=7)
SOON_S = 0.2


@pytest.fixture
def queue(settings: Settings) -> OrderQueue:
    return OrderQueue(settings)


def task_of(queue: OrderQueue) -> Task:
    return queue.huey.task()(lambda order_id: None).s(str(ORDER_ID))


def test_redis_is_asked_nothing_while_a_task_executes(queue: OrderQueue) -> None:
    task = task_of(queue)
    queue.redis.config_resetstat()
    queue.huey.execute(task)
    asked = set(queue.redis.info("commandstats"))
    assert asked <= {"cmdstat_config|resetstat", "cmdstat_config", "cmdstat_info"}


def test_scheduled_message_is_queued_when_it_is_due_without_a_scheduler(queue: OrderQueue) -> None:
    task = task_of(queue)
    task.eta = queue.due_in(SOON_S).replace(tzinfo=None)
    queue.huey.add_schedule(task)
    assert queue.depth() == 0
    wait_until(lambda: queue.depth() == 1, "the message")
    assert queue.huey.scheduled_count() == 0
