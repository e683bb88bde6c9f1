"""PostgreSQL itself refuses what no order may be."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import psycopg2
import pytest
from psycopg2.errors import CheckViolation
from psycopg2.extensions import connection as Connection

from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.wiring import Components

REFUSED = {
    "a status that does not exist": "UPDATE orders SET status = 'done'",
    "a worker's lease on an order that no worker has": "UPDATE orders SET lease_owner = 'worker'",
    "an order that spends nothing": "UPDATE orders SET amount_in = 0",
    "an order that receives less than nothing": "UPDATE orders SET amount_out = -1",
    "a slippage of more than everything": "UPDATE orders SET max_slippage_bps = 10001",
    "an order without events": "UPDATE orders SET sequence = 0",
    "attempts below zero": "UPDATE orders SET attempts = -1",
    "an event of a status that does not exist": "INSERT INTO order_events "
    "SELECT id, 9, 'done', now(), '{}' FROM orders",
    "an event before the first": "INSERT INTO order_events "
    "SELECT id, 0, 'open', now(), '{}' FROM orders",
}
SWAP = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1))


@pytest.fixture
def raw(components: Components) -> Iterator[Connection]:
    """A connection beside the engine's."""
    opened = psycopg2.connect(components.settings.database_url)
    opened.autocommit = True
    yield opened
    opened.close()


@pytest.mark.parametrize("what", REFUSED)
def test_impossible_order_is_refused(components: Components, raw: Connection, what: str) -> None:
    components.submission.place(SWAP, ANONYMOUS)
    with pytest.raises(CheckViolation), raw.cursor() as cursor:
        cursor.execute(REFUSED[what])


def test_orders_are_executed_while_a_migration_changes_the_type_of_a_column(
    components: Components, raw: Connection
) -> None:
    first, second = (components.submission.place(SWAP, ANONYMOUS).order_id for _ in range(2))
    components.engine.execute(first)
    with raw.cursor() as cursor:
        cursor.execute("ALTER TABLE orders ALTER COLUMN attempts TYPE integer")
    components.engine.execute(second)
    assert components.submission.find(second, ANONYMOUS).status == "confirmed"
