"""An order's whole way through the engine, on real PostgreSQL and Valkey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from orders.chain.protocol import SignatureStatus
from orders.chain.simulated_chain import SimulatedChain, landed
from orders.config import Settings
from orders.domain.errors import NotCancellable
from orders.domain.events import read_history
from orders.domain.lifecycle import Status
from orders.execution.price_comparison import PriceComparison
from orders.execution.submission import ANONYMOUS, OrderRequest
from orders.market.venue import Transaction
from orders.messaging.green_threads import GreenThreads
from orders.storage.database import connection, database
from orders.storage.models import Order
from orders.wiring import Components, wire
from tests.messages import terms_of

MARKET = OrderRequest("market", "SOL", "USDC", Decimal("1.5"))


def statuses(order_id: UUID) -> list[str]:
    with connection():
        return [event.status for event in read_history(order_id)]


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


class Interrupted:
    """A worker to which something happens between its quotes and its next step."""

    def __init__(self, components: Components, claims_first: bool, told: bool) -> None:
        self.components = components
        self.claims_first = claims_first
        self._told = told

    def execute(self, order_id: UUID) -> float | None:
        """Executes the order whose message waits in the queue."""
        terms = terms_of(self.components, order_id) if self._told else None
        return self.components.engine.execute(order_id, terms)

    def meanwhile(self, happens: Callable[[], object]) -> None:
        """What happens, once the quotes are there."""
        compare = self.components.price_comparer.compare

        def interrupted(*swap: Any) -> PriceComparison:
            comparison = compare(*swap)
            happens()
            return comparison

        self.components.price_comparer.compare = interrupted  # type: ignore[method-assign]


def test_market_order_goes_through_every_status_and_lands_once(components: Components) -> None:
    placed = components.submission.place(MARKET, ANONYMOUS)

    assert components.engine.execute(placed.order_id) is None

    assert statuses(placed.order_id) == [
        "pending", "routing", "building", "submitted", "confirmed",
    ]  # fmt: skip
    order = load(placed.order_id)
    assert order.status == Status.CONFIRMED
    assert order.attempts == 1
    assert order.due_at is None
    assert order.lease_owner is None
    assert order.amount_out >= order.min_amount_out > 0
    assert order.amount_in == Decimal("1.5")
    ledger = psycopg2.connect(components.settings.database_url)
    fills = landed(ledger)
    ledger.close()
    assert [fill.signature for fill in fills] == [order.tx_hash]


def test_orders_of_one_worker_wait_side_by_side(settings: Settings) -> None:
    components = wire(replace(settings, quote_latency_ms=1500, swap_latency_ms="1500"))
    threads = GreenThreads(most_outside=5)
    ids = [components.submission.place(MARKET, ANONYMOUS).order_id for _ in range(5)]
    with ThreadPoolExecutor(len(ids)) as callers:
        list(callers.map(lambda i: threads.run(lambda: components.engine.execute(i)), ids))
    threads.close()
    components.close()
    with connection():
        histories = [read_history(order_id) for order_id in ids]
    at = {
        status: [event.at for history in histories for event in history if event.status == status]
        for status in ("routing", "submitted", "confirmed")
    }
    assert all(len(times) == len(ids) for times in at.values())
    assert max(at["routing"]) < min(at["submitted"])
    assert max(at["submitted"]) < min(at["confirmed"])


@pytest.fixture(params=["claimed first", "looked at", "told by its message"])
def interrupted(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Interrupted]:
    """A worker whose quotes are interrupted, whether or not it has claimed the order by then."""
    latency_ms = 1 if request.param == "claimed first" else 0
    opened = wire(replace(settings, quote_latency_ms=latency_ms))
    yield Interrupted(opened, latency_ms > 0, request.param == "told by its message")
    opened.close()


def test_of_two_workers_that_execute_an_order_at_once_one_sends(
    interrupted: Interrupted, components: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[SimulatedChain, str]] = []
    send = SimulatedChain.send

    def noted(chain: SimulatedChain, transaction: Transaction) -> SignatureStatus:
        sent.append((chain, transaction.signature))
        return send(chain, transaction)

    monkeypatch.setattr(SimulatedChain, "send", noted)
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    interrupted.meanwhile(lambda: components.engine.execute(order_id))

    assert interrupted.execute(order_id) is None
    components.engine.execute(order_id)

    ledger = psycopg2.connect(components.settings.database_url)
    fills = landed(ledger)
    ledger.close()
    assert len(fills) == 1
    sender = interrupted.components if interrupted.claims_first else components
    assert sent == [(sender.chain, fills[0].signature)]
    assert statuses(order_id) == ["pending", "routing", "building", "submitted", "confirmed"]


def test_cancel_wins_for_as_long_as_the_order_is_not_claimed(
    interrupted: Interrupted, components: Components
) -> None:
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    refused = []

    def cancel() -> None:
        try:
            components.submission.cancel(order_id, ANONYMOUS)
        except NotCancellable as error:
            refused.append(error)

    interrupted.meanwhile(cancel)
    interrupted.execute(order_id)

    if interrupted.claims_first:
        assert len(refused) == 1
        assert load(order_id).status == Status.CONFIRMED
    else:
        assert not refused
        assert statuses(order_id) == ["pending", "cancelled"]


def test_order_that_changed_after_its_message_was_sent_is_taken_up_as_it_is(
    settings: Settings,
) -> None:
    components = wire(replace(settings, slippage_failure_rate=1.0, retry_delay_s=60))
    retried = components.submission.place(MARKET, ANONYMOUS).order_id
    cancelled = components.submission.place(MARKET, ANONYMOUS).order_id
    terms = {order_id: terms_of(components, order_id) for order_id in (retried, cancelled)}
    assert None not in terms.values()
    components.submission.cancel(cancelled, ANONYMOUS)
    first_wait_s = components.engine.execute(retried)

    assert components.engine.execute(cancelled, terms[cancelled]) is None
    assert statuses(cancelled) == ["pending", "cancelled"]
    wait_s = components.engine.execute(retried, terms[retried])
    assert first_wait_s is not None
    assert wait_s is not None
    assert 0 < wait_s <= first_wait_s
    assert load(retried).attempts == 1
    components.close()


def test_order_executed_by_its_message_is_stored_like_one_that_was_looked_at(
    components: Components,
) -> None:
    executed = []
    for told in (True, False):
        order_id = components.submission.place(MARKET, ANONYMOUS).order_id
        components.engine.execute(order_id, terms_of(components, order_id) if told else None)
        with connection():
            events = [(e.status, sorted(e.data)) for e in read_history(order_id)]
        order = load(order_id)
        assert order.status == Status.CONFIRMED
        executed.append((events, order.attempts, order.sequence, order.recoveries, order.due_at))
    assert executed[0] == executed[1]


def test_executing_an_order_twice_is_harmless(components: Components) -> None:
    placed = components.submission.place(MARKET, ANONYMOUS)
    components.engine.execute(placed.order_id)
    assert components.engine.execute(placed.order_id) is None
    assert len(statuses(placed.order_id)) == 5


def test_adverse_movement_is_retried_and_then_fails_with_its_code(settings: Settings) -> None:
    components = wire(replace(settings, slippage_failure_rate=1.0))
    placed = components.submission.place(MARKET, ANONYMOUS)
    waits = []
    while (wait := components.engine.execute(placed.order_id)) is not None:
        waits.append(wait)
    components.close()

    order = load(placed.order_id)
    assert order.status == Status.FAILED
    assert order.fail_code == "slippage_exceeded"
    assert order.attempts == 4
    assert len(waits) == 3
    one_attempt = ["routing", "building", "submitted"]
    assert statuses(placed.order_id) == ["pending", *one_attempt] + [
        "pending", *one_attempt] * 3 + ["failed"]  # fmt: skip


def test_the_event_log_refuses_updates_and_deletes(components: Components) -> None:
    components.submission.place(MARKET, ANONYMOUS)
    for statement in (
        "UPDATE order_events SET status = 'confirmed'",
        "DELETE FROM order_events",
        "TRUNCATE order_events",
    ):
        with connection(), pytest.raises(Exception, match="append-only"):
            database.execute_sql(statement)
