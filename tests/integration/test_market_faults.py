"""MARKET_FAULTS: a venue or the chain fails all orders, or a share of them, and they end well.

What a scenario can do to one order is tested in `tests/acceptance/test_scenarios.py`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.wiring import Components, wire
from tests.check_history import ClientLog
from tests.clients import wait_until
from tests.load import order_row, still_moving, violations

MARKET = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal("1.5"))
ORDERS = 4

FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the chain is often away": ("chain:rpc_unavailable:0.5", {"status": "confirmed"}),
    "one venue talks nonsense": (
        "meteora:nan",
        {"status": "confirmed", "attempts": 1, "dex_used": "raydium"},
    ),
    "the blockhash has always run out": (
        "chain:blockhash_expired",
        {"status": "failed", "attempts": 3, "fail_code": "blockhash_expired"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_market_ends_as_it_should(settings: Settings, fault: str) -> None:
    market_faults, expected = FAULTS[fault]
    faulty = replace(
        settings, market_faults=market_faults, max_retries=2, lease_s=1, swap_latency_ms="20-80"
    )
    components = wire(faulty)
    ids = [components.submission.place(MARKET, ANONYMOUS).order_id for _ in range(ORDERS)]
    wait_until(lambda: _move_on(components, ids), "the end of all orders")
    components.close()
    assert violations(faulty, ClientLog({str(order_id) for order_id in ids})) == []
    for order_id in ids:
        found = order_row(settings, str(order_id), ", ".join(expected))
        assert found == tuple(expected.values())


def _move_on(components: Components, ids: list[UUID]) -> bool:
    """What workers and watcher would do; whether all orders have ended."""
    for order_id in ids:
        components.engine.execute(order_id)
    components.recovery.sweep()
    return still_moving(components.settings) == 0
