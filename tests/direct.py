"""Working on a stack's database from within the test, beside its processes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from orders.config import Settings
from orders.system import open_system


def execute_without_publishing(settings: Settings, order_id: str) -> None:
    """Executes an order as a worker whose Redis is away would."""
    system = open_system(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    try:
        while system.engine.execute(UUID(order_id)) is not None:
            pass
    finally:
        system.close()
