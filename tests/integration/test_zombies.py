"""A worker that was taken for dead and comes back must not touch what others have done since."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.errors import Fenced
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components, wire
from tests.check_history import ClientLog, check_history
from tests.forked import as_worker, start_forked, wait_for

MARKET = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1))


@pytest.fixture
def survivor(settings: Settings) -> Iterator[Components]:
    opened = wire(replace(settings, lease_s=0.2))
    yield opened
    opened.close()


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def wait_for_status(order_id: UUID, *statuses: str) -> None:
    deadline = time.monotonic() + 20
    while load(order_id).status not in statuses:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def violations(components: Components) -> list[str]:
    database = psycopg2.connect(components.settings.database_url)
    found = check_history(database, ClientLog(), max_retries=3)
    database.close()
    return found


@pytest.mark.parametrize(
    ("stopped_in", "slow"),
    [("routing", {"quote_latency_ms": 400}), ("submitted", {"swap_latency_ms": "400"})],
)
def test_worker_stopped_past_its_lease_is_refused_when_it_wakes(
    survivor: Components, stopped_in: str, slow: dict[str, Any]
) -> None:
    order_id = survivor.submission.place(MARKET, ANONYMOUS).order_id
    zombie = start_forked(replace(survivor.settings, **slow), "", as_worker(order_id))
    wait_for_status(order_id, stopped_in)
    os.kill(zombie, signal.SIGSTOP)
    deadline = time.monotonic() + 20
    while load(order_id).status != "confirmed":
        assert time.monotonic() < deadline
        survivor.recovery.sweep()
        survivor.engine.execute(order_id)
        time.sleep(0.02)
    finished = load(order_id)

    os.kill(zombie, signal.SIGCONT)
    assert wait_for(zombie) == 0

    assert load(order_id).__data__ == finished.__data__
    assert violations(survivor) == []


def test_advance_from_an_old_sequence_is_fenced(survivor: Components) -> None:
    order_id = survivor.submission.place(MARKET, ANONYMOUS).order_id
    old, new = load(order_id), load(order_id)
    survivor.order_store.advance(new, Status.ROUTING, {"attempt": 1})
    with pytest.raises(Fenced):
        survivor.order_store.advance(old, Status.CANCELLED, {})
    assert load(order_id).status == "routing"
    assert violations(survivor) == []


def test_concurrent_claims_have_one_winner(survivor: Components) -> None:
    order_id = survivor.submission.place(MARKET, ANONYMOUS).order_id
    settings = replace(survivor.settings, lease_s=10)
    children = [start_forked(settings, "", as_worker(order_id)) for _ in range(6)]
    for child in children:
        wait_for(child)
    assert load(order_id).status == "confirmed"
    assert load(order_id).sequence == 5
    assert violations(survivor) == []


def test_submitted_order_is_left_alone_while_its_worker_lives(survivor: Components) -> None:
    order_id = survivor.submission.place(MARKET, ANONYMOUS).order_id
    settings = replace(survivor.settings, lease_s=10, swap_latency_ms="300")
    worker = start_forked(settings, "", as_worker(order_id))
    wait_for_status(order_id, "submitted")
    owner = load(order_id).lease_owner
    assert survivor.engine.execute(order_id) is None
    assert load(order_id).lease_owner == owner
    wait_for(worker)
