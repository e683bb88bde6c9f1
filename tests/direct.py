"""Working on a stack's database from within the test, beside its processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from orders.config import Settings
from orders.execution.submission import ANONYMOUS, NewOrder
from orders.wiring import open_system

MARKET = NewOrder("market", "SOL", "USDC", Decimal("1.5"))


def place(settings: Settings, count: int = 1, new: NewOrder = MARKET) -> list[str]:
    """Places orders as the web process would, several at once; returns their ids."""
    system = open_system(settings)
    try:
        with ThreadPoolExecutor(min(count, 50)) as pool:
            placed = list(pool.map(lambda _: system.placing.place(new, ANONYMOUS), range(count)))
    finally:
        system.close()
    return [str(placement.order_id) for placement in placed]


def execute_without_publishing(settings: Settings, order_id: str) -> None:
    """Executes an order as a worker whose Redis is away would."""
    system = open_system(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    try:
        while system.engine.execute(UUID(order_id)) is not None:
            pass
    finally:
        system.close()
