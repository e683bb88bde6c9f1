"""Working on a stack's database from the test itself, beside its processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.wiring import wire

MARKET = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal("1.5"))


def place(settings: Settings, count: int = 1, new: OrderRequest = MARKET) -> list[str]:
    """Places orders as the web process would, several at once; returns their ids."""
    components = wire(settings)
    try:
        # More would wait for a connection, on a busy machine for longer than they may.
        with ThreadPoolExecutor(min(count, settings.database_connections)) as pool:
            placed = list(
                pool.map(lambda _: components.submission.place(new, ANONYMOUS), range(count))
            )
    finally:
        components.close()
    return [str(placement.order_id) for placement in placed]


def execute_without_publishing(settings: Settings, order_id: str) -> None:
    """Executes an order as a worker whose Redis is away would."""
    components = wire(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    try:
        while components.engine.execute(UUID(order_id)) is not None:
            pass
    finally:
        components.close()
