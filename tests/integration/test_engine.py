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

from orders.chain.ledger import landed
from orders.chain.protocol import Blockhash, Chain, SignatureStatus
from orders.chain.simulated_chain import SimulatedChain
from orders.chain.transaction import Transaction
from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.errors import NotCancellable
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.engine import Engine
from orders.execution.price_comparison import PriceComparison
from orders.market.scenarios.conditions import Conditions
from orders.storage.database import connection, database
from orders.storage.history import read_history
from orders.storage.models import Order
from orders.wiring import Components, wire

MARKET = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal("1.5"))


def statuses(order_id: UUID) -> list[str]:
    with connection():
        return [event.status for event in read_history(order_id)]


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def interrupt_quotes(components: Components, happens: Callable[[], object]) -> None:
    """Has something happen between a worker's quotes and its next step."""
    compare = components.price_comparer.compare

    def interrupted(*swap: Any, **terms: Any) -> PriceComparison:
        comparison = compare(*swap, **terms)
        happens()
        return comparison

    components.price_comparer.compare = interrupted  # type: ignore[method-assign]


@pytest.fixture
def interrupted(settings: Settings) -> Iterator[Components]:
    """A worker to be interrupted, beside the other one."""
    opened = wire(settings)
    yield opened
    opened.close()


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


def test_chain_is_asked_once_about_an_order_that_lands(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    status = SimulatedChain.status

    def noted(
        chain: SimulatedChain,
        signature: str,
        last_valid: int,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        asked.append(signature)
        return status(chain, signature, last_valid, conditions)

    monkeypatch.setattr(SimulatedChain, "status", noted)
    components = wire(replace(settings, swap_latency_ms="600"))
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    components.engine.execute(order_id)
    components.close()
    assert load(order_id).status == Status.CONFIRMED
    assert len(asked) == 1


def test_orders_of_one_worker_wait_side_by_side(settings: Settings) -> None:
    components = wire(replace(settings, quote_latency_ms=1500, swap_latency_ms="1500"))
    ids = [components.submission.place(MARKET, ANONYMOUS).order_id for _ in range(5)]
    with ThreadPoolExecutor(len(ids)) as workers:
        list(workers.map(components.engine.execute, ids))
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


def test_concurrent_workers_send_an_order_once(
    interrupted: Components, components: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[SimulatedChain, str]] = []
    send = SimulatedChain.send

    def noted(
        chain: SimulatedChain, transaction: Transaction, conditions: Conditions | None
    ) -> SignatureStatus:
        sent.append((chain, transaction.signature))
        return send(chain, transaction, conditions)

    monkeypatch.setattr(SimulatedChain, "send", noted)
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    interrupt_quotes(interrupted, lambda: components.engine.execute(order_id))

    assert interrupted.engine.execute(order_id) is None
    components.engine.execute(order_id)

    ledger = psycopg2.connect(components.settings.database_url)
    fills = landed(ledger)
    ledger.close()
    assert len(fills) == 1
    assert sent == [(interrupted.chain, fills[0].signature)]
    assert statuses(order_id) == ["pending", "routing", "building", "submitted", "confirmed"]


def test_claimed_order_cannot_be_cancelled(interrupted: Components, components: Components) -> None:
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    refused = []

    def cancel() -> None:
        try:
            components.submission.cancel(order_id, ANONYMOUS)
        except NotCancellable as error:
            refused.append(error)

    interrupt_quotes(interrupted, cancel)
    interrupted.engine.execute(order_id)

    assert len(refused) == 1
    assert load(order_id).status == Status.CONFIRMED


def test_order_that_waits_for_its_retry_is_delivered_again_when_it_is_due(
    settings: Settings,
) -> None:
    components = wire(replace(settings, slippage_failure_rate=1.0, retry_delay_s=60))
    retried = components.submission.place(MARKET, ANONYMOUS).order_id
    first_wait_s = components.engine.execute(retried)
    wait_s = components.engine.execute(retried)
    components.close()
    assert first_wait_s is not None
    assert wait_s is not None
    assert 0 < wait_s <= first_wait_s
    assert load(retried).attempts == 1


def test_order_cancelled_before_its_message_arrives_is_left_alone(components: Components) -> None:
    cancelled = components.submission.place(MARKET, ANONYMOUS).order_id
    components.submission.cancel(cancelled, ANONYMOUS)
    assert components.engine.execute(cancelled) is None
    assert statuses(cancelled) == ["pending", "cancelled"]


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


class RefusingChain:
    """A chain that carries every transaction out with an error of its own."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def latest_blockhash(self, conditions: Conditions | None = None) -> Blockhash:
        return self._chain.latest_blockhash()

    def send(self, tx: Transaction, conditions: Conditions | None = None) -> SignatureStatus:
        return SignatureStatus(found=True, error="custom_program_error_0x1771", slot=1)

    def status(
        self,
        signature: str,
        last_valid_block_height: int,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        return SignatureStatus(found=True, error="custom_program_error_0x1771", slot=1)

    def wait(
        self,
        signature: str,
        last_valid_block_height: int,
        known: SignatureStatus | None,
        timeout_s: float,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        return self.status(signature, last_valid_block_height)


def test_unknown_error_of_the_chain_has_its_own_code(components: Components) -> None:
    engine = Engine(
        replace(components.settings, max_retries=1),
        components.clock,
        components.order_store,
        components.price_comparer,
        RefusingChain(components.chain),
        components.registry,
    )
    placed = components.submission.place(MARKET, ANONYMOUS)

    while engine.execute(placed.order_id) is not None:
        pass

    order = load(placed.order_id)
    assert (order.status, order.fail_code, order.attempts) == ("failed", "transaction_failed", 2)
