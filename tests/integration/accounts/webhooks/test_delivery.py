"""Delivering to an endpoint: order, waits, giving up, resuming, and only one process at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from uuid import UUID, uuid4

import pytest

from orders.accounts.webhooks.delivery import Deliveries
from orders.accounts.webhooks.dispatch import WAKE_GRACE_S, Dispatcher
from orders.accounts.webhooks.endpoints import Endpoints
from orders.accounts.webhooks.lease import Lease
from orders.config import Settings
from orders.domain import exact_json
from orders.messaging.queue import OrderQueue
from orders.messaging.single_wake_ups import SingleWakeUps
from orders.storage.database import connection, database
from orders.wiring import Components, wire
from tests.clients import wait_until
from tests.clock import ManualClock
from tests.integration.accounts.webhooks.conftest import Receiver, answer_with

START = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = "INSERT INTO order_events VALUES (%s, %s, 'routing', now(), '{}')"
ALL_SETTLED = """
SELECT coalesce(max(transaction_id) < pg_snapshot_xmin(pg_current_snapshot()), true)
FROM order_events
"""
ORDER = """
INSERT INTO orders (id, account_id, type, token_in, token_out, amount_in, max_slippage_bps, status,
    sequence, created_at, updated_at)
VALUES (%s, %s, 'market', 'a', 'b', 1, 100, 'pending', 1, now(), now())
"""


class Sandbox:
    """An account with one endpoint, a clock, and the parts that deliver."""

    def __init__(self, settings: Settings, clock: ManualClock, url: str) -> None:
        self.clock = clock
        self.account_id = uuid4()
        self.endpoints = Endpoints(settings, clock)
        self.deliveries = Deliveries(settings, clock)
        self.woken: list[UUID] = []
        self.dispatcher = Dispatcher(settings, clock, self.woken.append)
        with connection():
            person = (self.account_id, str(self.account_id))
            database.execute_sql("INSERT INTO accounts VALUES (%s, %s, '', now())", person)
        self.id: UUID = self.endpoints.create(self.account_id, url, None).id

    def order(self, events: int) -> UUID:
        order_id = uuid4()
        with connection():
            database.execute_sql(ORDER, (order_id, self.account_id))
            for sequence in range(1, events + 1):
                database.execute_sql(EVENT, (order_id, sequence))
        return order_id

    def step(self) -> None:
        """What the watcher and a worker do, once no transaction of other tests on this server
        hides the newest events."""
        wait_until(self.all_settled, "the end of older transactions")
        self.woken.clear()
        self.dispatcher.tick()
        for endpoint_id in list(self.woken):
            self.deliveries.deliver(endpoint_id)

    def all_settled(self) -> bool:
        with connection():
            return bool(database.execute_sql(ALL_SETTLED).fetchone()[0])

    @property
    def status(self) -> str:
        return str(self.endpoints.find(self.account_id, self.id).status)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def sandbox(settings: Settings, clock: ManualClock, receiver: Receiver) -> Iterator[Sandbox]:
    chosen = replace(settings, webhook_backoff_s=10, webhook_give_up_s=1000, webhook_timeout_s=1)
    components: Components = wire(chosen)
    yield Sandbox(chosen, clock, receiver.url)
    components.close()


def test_events_of_an_order_arrive_in_order(sandbox: Sandbox, receiver: Receiver) -> None:
    orders = [sandbox.order(3), sandbox.order(2)]
    sandbox.step()
    for order_id, events in zip(orders, (3, 2), strict=True):
        of_order = [each for each in receiver.ids if each.startswith(str(order_id))]
        assert of_order == [f"{order_id}:{sequence}" for sequence in range(1, events + 1)]
    sandbox.step()
    assert len(receiver.ids) == 5


def test_a_refused_event_holds_back_its_order_and_no_other(
    sandbox: Sandbox, clock: ManualClock, receiver: Receiver
) -> None:
    refused, taken = sandbox.order(2), sandbox.order(2)
    good = receiver.answer

    def refuse_one(request: BaseHTTPRequestHandler, body: bytes) -> None:
        poisoned = str(refused) in request.headers["webhook-id"]
        (answer_with(500) if poisoned else good)(request, body)

    receiver.answer = refuse_one
    sandbox.step()
    clock.advance(10)
    for _ in range(5):
        sandbox.step()
        clock.advance(10)
    ids = receiver.ids
    assert [each for each in ids if str(taken) in each] == [f"{taken}:1", f"{taken}:2"]
    assert {each for each in ids if str(refused) in each} == {f"{refused}:1"}
    receiver.answer = good
    clock.advance(1000)
    sandbox.step()
    assert receiver.ids[-2:] == [f"{refused}:1", f"{refused}:2"]


def test_waits_double_and_then_the_endpoint_fails(
    sandbox: Sandbox, clock: ManualClock, receiver: Receiver
) -> None:
    receiver.answer = answer_with(503)
    sandbox.order(1)
    tried_after = []
    for second in range(0, 1300, 5):
        before = len(receiver.ids)
        sandbox.step()
        if len(receiver.ids) > before:
            tried_after.append(second)
        clock.advance(5)
    assert tried_after == [0, 10, 30, 70, 150, 310, 630, 1270]
    found = sandbox.endpoints.find(sandbox.account_id, sandbox.id)
    assert (found.status, found.last_error) == ("failed", "The receiver answered 503.")


def test_resumed_endpoint_continues_where_it_failed(
    sandbox: Sandbox, clock: ManualClock, receiver: Receiver
) -> None:
    receiver.answer = answer_with(503)
    order_id = sandbox.order(2)
    sandbox.step()
    clock.advance(2000)
    sandbox.step()
    assert sandbox.status == "failed"
    clock.advance(2000)
    sandbox.step()
    assert len(receiver.ids) == 2
    receiver.answer = answer_with(204)
    sandbox.endpoints.resume(sandbox.account_id, sandbox.id)
    sandbox.step()
    assert receiver.ids[2:] == [f"{order_id}:1", f"{order_id}:2"]


def test_a_delivered_event_can_be_sent_again(sandbox: Sandbox, receiver: Receiver) -> None:
    order_id = sandbox.order(1)
    sandbox.step()
    account = sandbox.account_id
    (delivery,) = sandbox.endpoints.deliveries(account, sandbox.id, "delivered", 10, None)
    sandbox.endpoints.redeliver(account, sandbox.id, delivery.id)
    sandbox.step()
    assert receiver.ids == [f"{order_id}:1"] * 2


def test_one_process_at_a_time_has_an_endpoint(
    sandbox: Sandbox, settings: Settings, clock: ManualClock, receiver: Receiver
) -> None:
    chosen = replace(settings, webhook_timeout_s=1)
    sandbox.order(1)
    sandbox.dispatcher.tick()
    dead = Lease.take(chosen, clock, sandbox.id)
    assert dead is not None
    sandbox.deliveries.deliver(sandbox.id)
    assert receiver.ids == []
    clock.advance(60)  # Its lease has run out.
    sandbox.step()
    assert len(receiver.ids) == 1


def test_an_endpoint_that_no_worker_comes_for_is_asked_for_once(
    sandbox: Sandbox, settings: Settings, clock: ManualClock
) -> None:
    queue = OrderQueue(settings)
    wake_ups = SingleWakeUps(settings, queue, "tasks.deliver_webhook")
    dispatcher = Dispatcher(settings, clock, wake_ups.wake)
    sandbox.order(1)
    wait_until(sandbox.all_settled, "the end of older transactions")
    for _ in range(5):
        dispatcher.tick()
        clock.advance(WAKE_GRACE_S)
    assert queue.waiting_ids() == {sandbox.id}
    assert queue.depth() == 1


@pytest.mark.parametrize("status", [204, 503])
def test_an_endpoint_that_is_removed_while_it_is_sent_to_ends_the_turn(
    sandbox: Sandbox, receiver: Receiver, status: int
) -> None:
    def remove_meanwhile(request: BaseHTTPRequestHandler, body: bytes) -> None:
        sandbox.endpoints.delete(sandbox.account_id, sandbox.id)
        answer_with(status)(request, body)

    receiver.answer = remove_meanwhile
    sandbox.order(2)
    sandbox.step()
    assert len(receiver.ids) == 1


def test_events_of_a_removed_order_are_dropped(sandbox: Sandbox, receiver: Receiver) -> None:
    order_id = sandbox.order(1)
    sandbox.dispatcher.tick()
    with connection(), database.atomic():
        database.execute_sql("SET LOCAL orders.pruning = 'on'")
        database.execute_sql("DELETE FROM order_events WHERE order_id = %s", (order_id,))
    sandbox.deliveries.deliver(sandbox.id)
    assert receiver.ids == []
    (found,) = sandbox.endpoints.deliveries(sandbox.account_id, sandbox.id, None, 10, None)
    assert found.status == "dropped"


def test_old_deliveries_are_forgotten(sandbox: Sandbox, clock: ManualClock) -> None:
    sandbox.order(2)
    sandbox.step()
    assert sandbox.dispatcher.forget() == 0
    clock.advance(2_592_001)
    assert sandbox.dispatcher.forget() == 2


def test_a_process_that_stops_gives_its_endpoint_back(
    sandbox: Sandbox, settings: Settings, clock: ManualClock, receiver: Receiver
) -> None:
    order_id = sandbox.order(5)
    good, stopping = receiver.answer, threading.Event()

    def stop_meanwhile(request: BaseHTTPRequestHandler, body: bytes) -> None:
        stopping.set()
        time.sleep(0.2)  # Long enough for the test to say stop.
        good(request, body)

    receiver.answer = stop_meanwhile
    sandbox.dispatcher.tick()
    assert sandbox.deliveries.start(sandbox.id)
    assert stopping.wait(10)
    sandbox.deliveries.stop()
    assert receiver.ids == [f"{order_id}:1"]
    assert not sandbox.deliveries.start(sandbox.id)
    receiver.answer = good
    Deliveries(settings, clock).deliver(sandbox.id)
    assert receiver.ids == [f"{order_id}:{sequence}" for sequence in range(1, 6)]


def test_bodies_have_the_client_order_id_and_amounts_in_the_requested_form(
    components: Components, receiver: Receiver
) -> None:
    account_id = uuid4()
    with connection():
        person = (account_id, str(account_id))
        database.execute_sql("INSERT INTO accounts VALUES (%s, %s, '', now())", person)
    for form in ("number", "string"):
        components.webhook_endpoints.create(account_id, receiver.url, None, form)
    order_id = uuid4()
    with connection():
        database.execute_sql(ORDER, (order_id, account_id))
        named = "UPDATE orders SET client_order_id = 'mine-1' WHERE id = %s"
        database.execute_sql(named, (order_id,))
        data = '{"limitPrice": 150, "attempt": 1}'
        stored = "INSERT INTO order_events VALUES (%s, 1, 'open', now(), %s)"
        database.execute_sql(stored, (order_id, data))
    woken: list[UUID] = []
    Dispatcher(components.settings, components.clock, woken.append).tick()
    for endpoint_id in woken:
        components.webhook_deliveries.deliver(endpoint_id)
    bodies = [exact_json.loads(body) for _, _, body in receiver.received]
    assert [body["clientOrderId"] for body in bodies] == ["mine-1", "mine-1"]
    assert {body["data"]["limitPrice"] for body in bodies} == {150, "150"}
    assert [body["data"]["attempt"] for body in bodies] == [1, 1]
