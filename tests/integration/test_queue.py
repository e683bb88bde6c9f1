"""The queue is Huey's own; results and revocations are not its business."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from huey.api import Task

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.submission import Submission
from orders.messaging.queue import WAITING_AT_REDIS, OrderQueue
from orders.wiring import Components
from tests.clients import wait_until

ORDER_ID = UUID(int=7)
SOON_S = 0.2
MANY = 3 * WAITING_AT_REDIS


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


@pytest.fixture
def waiting_at_redis(queue: OrderQueue) -> Callable[[], int]:
    """Counts who waits for a message, without those that did so before the test."""

    def waiting() -> set[str]:
        clients = queue.redis.client_list()
        return {client["id"] for client in clients if client["cmd"] == "brpop"}

    before = waiting()
    return lambda: len(waiting() - before)


def test_many_idle_workers_of_a_process_wait_with_few_connections_and_stop_together(
    settings: Settings, waiting_at_redis: Callable[[], int]
) -> None:
    queue = OrderQueue(replace(settings, worker_concurrency=MANY))
    told_to_stop = Event()
    queue.huey.storage.is_stopping = told_to_stop.is_set
    taken: list[bytes | None] = []
    with ThreadPoolExecutor(MANY) as workers:
        for _ in range(MANY):
            workers.submit(lambda: taken.append(queue.huey.storage.dequeue()))
        wait_until(lambda: waiting_at_redis() == WAITING_AT_REDIS, "waiting workers")
        told_to_stop.set()
    assert taken == [None] * MANY


def test_all_of_many_messages_are_taken_by_workers_that_wait_in_turn(
    settings: Settings, waiting_at_redis: Callable[[], int]
) -> None:
    queue = OrderQueue(replace(settings, worker_concurrency=MANY))
    ids = [UUID(int=number) for number in range(MANY)]
    with ThreadPoolExecutor(MANY) as workers:
        tasks = [workers.submit(queue.huey.storage.dequeue) for _ in ids]
        wait_until(lambda: waiting_at_redis() == WAITING_AT_REDIS, "waiting workers")
        queue.add(ids)
        taken = {queue.huey.serializer.deserialize(task.result()).id for task in tasks}
    assert taken == {str(order_id) for order_id in ids}


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
