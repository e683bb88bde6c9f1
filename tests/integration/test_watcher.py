"""The watcher: a duty, a step or a pair that fails keeps no other one from its turn."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from orders.domain.caller import ANONYMOUS
from orders.domain.errors import StoreUnavailable
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.recovery import Recovery
from orders.execution.triggers import Triggers
from orders.execution.watcher import Duty, Watcher
from orders.market.simulated_venue import SimulatedVenue
from orders.market.tokens import Token
from orders.market.venue import PoolState
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components
from tests.log_lines import captured_lines


class VenueWithBug(SimulatedVenue):
    """A venue whose code fails for all that is paid for in RAY."""

    def pool_at(self, token_in: Token, token_out: Token, at: datetime) -> PoolState:
        if token_in.symbol == "RAY":
            raise ZeroDivisionError
        return super().pool_at(token_in, token_out, at)


@pytest.fixture
def triggers_with_bug(components: Components) -> Triggers:
    venue = VenueWithBug(
        "orca",
        0,
        components.market,
        components.clock,
        fee_bps=1,
        liquidity_usd=Decimal(1_000_000),
        latency_s=0,
    )
    return Triggers(components.order_store, [venue], components.registry)


class RecoveryWithBug(Recovery):
    """A recovery whose first step fails."""

    def release_orphans(self) -> int:
        raise ZeroDivisionError


def rest(components: Components, token_in: str, **fields: object) -> Order:
    wanted = {"token_in": token_in, "token_out": "USDC", "amount_in": Decimal(1)}
    resting = {"type": OrderType.STOP, "stop_price": Decimal(1_000_000)}
    request = OrderRequest(**wanted | resting | fields)  # type: ignore[arg-type]
    with connection():
        return Order.get_by_id(components.submission.place(request, ANONYMOUS).order_id)


def status(order: Order) -> str:
    with connection():
        return str(Order.get_by_id(order.id).status)


def test_a_pair_that_fails_keeps_no_other_pair_from_triggering(
    components: Components, triggers_with_bug: Triggers
) -> None:
    # Pairs are looked at in the order of their mints, so this one's comes first.
    broken, others = rest(components, "RAY"), [rest(components, "ETH"), rest(components, "SOL")]
    with pytest.raises(ZeroDivisionError):
        triggers_with_bug.tick()
    assert [status(order) for order in (broken, *others)] == ["open", "pending", "pending"]


def test_a_step_of_recovery_that_fails_keeps_no_other_step_from_running(
    components: Components,
) -> None:
    order = rest(components, "SOL", expires_at=components.clock.now() + timedelta(seconds=0.05))
    components.clock.sleep(0.1)
    recovery = RecoveryWithBug(components.settings, components.order_store, components.queue)
    with pytest.raises(ZeroDivisionError):
        recovery.sweep()
    assert status(order) == "expired"


@pytest.mark.parametrize("failure", [ZeroDivisionError(), StoreUnavailable()])
def test_a_duty_that_always_fails_keeps_no_other_duty_from_its_turn(
    components: Components, failure: Exception
) -> None:
    turns: list[str] = []

    def fail() -> None:
        turns.append("failing")
        raise failure

    watcher = Watcher(
        components.settings,
        components.triggers,
        components.recovery,
        components.server_time,
        # Both are due at each turn.
        [Duty("failing", fail, 0), Duty("other", lambda: turns.append("other"), 0)],
    )
    for _ in range(4):
        try:
            watcher.tick()
        except StoreUnavailable:
            continue
    assert turns.count("other") >= 2
    assert turns.count("failing") >= 2


def test_a_bug_in_a_duty_is_logged(components: Components, triggers_with_bug: Triggers) -> None:
    rest(components, "RAY")
    watcher = Watcher(
        components.settings, triggers_with_bug, components.recovery, components.server_time
    )
    with captured_lines() as lines:
        watcher.tick()
    (logged,) = [line for line in lines if line["event"] == "internal_error"]
    assert logged["place"] == "watcher"
