"""The queue is Huey's own; results and revocations are not its business."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from huey.api import Task

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.submission import Submission
from orders.messaging.queue import OrderQueue
from orders.wiring import Components
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


def test_one_request_asks_for_the_depth_while_others_go_on(components: Components) -> None:
    order = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1))
    asked: list[int] = []

    class Queue:
        def depth(self) -> int:
            asked.append(len(asked))
            if len(asked) == 1:
                submission.place(order, ANONYMOUS)  # It comes while this one waits for Redis.
            return 0

    queue: Any = Queue()
    submission = Submission(
        components.settings,
        components.order_store,
        queue,
        components.registry,
        open_wallet=lambda _: True,
        check_clock=lambda: None,
    )
    submission.place(order, ANONYMOUS)
    assert len(asked) == 1
