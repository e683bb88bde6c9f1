"""The connection breaks after PostgreSQL has committed and before it says so."""

from __future__ import annotations

from collections.abc import Iterator
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
from orders.storage.database import connection
from orders.storage.models import Order
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

    opened.journal._connect = connect
    yield opened
    CutCursor.left = -1
    opened.close()


@pytest.mark.parametrize("key", [None, "a key"])
def test_order_that_was_stored_is_accepted_once(components: Components, key: str | None) -> None:
    CutCursor.left = 1
    placed = components.submission.place(MARKET, ANONYMOUS, key)
    with connection():
        assert [order.id for order in Order.select()] == [placed.order_id]
    assert components.queue.waiting_ids() == {placed.order_id}
    if key is not None:
        assert components.submission.place(MARKET, ANONYMOUS, key).order_id == placed.order_id


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_step_that_was_stored_is_not_taken_twice(components: Components, step: int) -> None:
    order_id = components.submission.place(MARKET, ANONYMOUS).order_id
    CutCursor.left = step
    components.engine.execute(order_id)
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
