"""The connection breaks after PostgreSQL has committed and before it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.engine import Engine
from orders.execution.recovery import Recovery
from orders.execution.submission import Submission
from orders.storage.database import connection
from orders.storage.journal import Journal
from orders.storage.models import Order
from orders.storage.order_store import OrderStore
from orders.wiring import Components, wire
from tests.check_history import ClientLog, check_history

MARKET = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1))


class CutCursor(Cursor):
    """Breaks its connection after `left` statements of the journal, each of them committed."""

    left = -1

    def execute(self, query: Any, arguments: Any = None) -> None:
        super().execute(query, arguments)
        if str(query).startswith("EXECUTE"):
            CutCursor.left -= 1
            if CutCursor.left == 0:
                self.connection.close()
                raise psycopg2.OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def components(settings: Settings) -> Iterator[Components]:
    """A process whose journal's connection can be cut."""
    opened = wire(settings)

    def connect() -> Any:
        made = psycopg2.connect(settings.database_url, cursor_factory=CutCursor)
        made.autocommit = True
        return made

    yield with_journal(opened, connect)
    CutCursor.left = -1
    opened.close()


def with_journal(opened: Components, connect: Callable[[], Any]) -> Components:
    """The same process, its journal on connections of the test's."""
    settings, clock, queue = opened.settings, opened.clock, opened.queue
    journal = Journal(connect, opened.publisher, clock, settings.journal_batch)
    store = OrderStore(settings, clock, journal, opened.order_store.owner)
    engine = (opened.price_comparer, opened.chain, opened.registry)
    return replace(
        opened,
        journal=journal,
        order_store=store,
        submission=Submission(
            settings,
            store,
            queue,
            opened.registry,
            opened.funding.open,
            opened.server_time.check,
        ),
        engine=Engine(settings, clock, store, *engine),
        recovery=Recovery(settings, store, queue),
    )


@pytest.mark.parametrize("key", [None, "a key"])
def test_order_that_was_stored_is_accepted_once(components: Components, key: str | None) -> None:
    CutCursor.left = 1
    placed = components.submission.place(MARKET, ANONYMOUS, key)
    assert CutCursor.left <= 0, "the answer was lost"
    with connection():
        assert [order.id for order in Order.select()] == [placed.order_id]
    assert components.queue.waiting_ids() == {placed.order_id}
    if key is not None:
        assert components.submission.place(MARKET, ANONYMOUS, key).order_id == placed.order_id


@pytest.mark.parametrize("step", [1, 2, 3])
def test_stored_transition_is_not_made_twice(components: Components, step: int) -> None:
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    CutCursor.left = step
    components.engine.execute(order_id)
    assert CutCursor.left <= 0, "the answer was lost"
    past = datetime.now(UTC) - timedelta(seconds=1)
    with connection():
        # What a lease that ran out would lead to.
        Order.update(due_at=past).where(Order.due_at.is_null(False)).execute()
    components.recovery.sweep()
    components.engine.execute(order_id)
    database = psycopg2.connect(components.settings.database_url)
    later = datetime.now(UTC) + timedelta(days=60)
    found = check_history(database, ClientLog({str(order_id)}), max_retries=3, quiet_at=later)
    database.close()
    assert found == []
    with connection():
        assert Order.get_by_id(order_id).status == "confirmed"
