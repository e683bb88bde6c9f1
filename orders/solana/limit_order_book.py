"""Limit orders that wallets signed: the engine's order at each address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orders.storage.database import connection, database
from orders.storage.models import Order

REMEMBER = """
INSERT INTO chain.limit_orders (address, maker, order_id) VALUES (%s, %s, %s)
ON CONFLICT (address) DO NOTHING
"""
FIND = "SELECT maker, order_id FROM chain.limit_orders WHERE address = %s"
OF_MAKER = """
SELECT address, order_id FROM chain.limit_orders JOIN orders ON orders.id = order_id
WHERE maker = %s AND (outcome IS NULL) = %s
ORDER BY order_id DESC LIMIT %s OFFSET %s
"""
COUNT = """
SELECT count(*) FROM chain.limit_orders JOIN orders ON orders.id = order_id
WHERE maker = %s AND (outcome IS NULL) = %s
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A limit order and its address."""

    address: str
    order: Order


def remember(address: str, maker: str, order_id: UUID) -> None:
    """Stores an order's address. Raises `StoreUnavailable`."""
    with connection():
        database.execute_sql(REMEMBER, (address, maker, order_id))


def find(address: str) -> tuple[str, UUID] | None:
    """Finds maker and order at an address. Raises `StoreUnavailable`."""
    with connection():
        found: tuple[str, UUID] | None = database.execute_sql(FIND, (address,)).fetchone()
    return found


def of_maker(maker: str, *, active: bool, limit: int, offset: int = 0) -> list[Placed]:
    """A wallet's limit orders, newest first. Raises `StoreUnavailable`."""
    with connection():
        rows: Sequence[Any] = database.execute_sql(
            OF_MAKER, (maker, active, limit, offset)
        ).fetchall()
        orders = {order.id: order for order in Order.select().where(Order.id << _ids(rows))}
    return [Placed(address, orders[order_id]) for address, order_id in rows]


def count(maker: str, *, active: bool) -> int:
    """Counts a wallet's limit orders. Raises `StoreUnavailable`."""
    with connection():
        return int(database.execute_sql(COUNT, (maker, active)).fetchone()[0])


def _ids(rows: Sequence[Any]) -> list[UUID]:
    return [order_id for _, order_id in rows]
