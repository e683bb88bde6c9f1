"""Random lives of orders against the invariants: real domain code, real PostgreSQL, a fake clock.

Safety is checked after every step, with crashes and lost messages going on; at the end the
faults stop, and everything must come to its end.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg2
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from orders.config import Settings
from orders.domain import failpoints
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.errors import (
    IdempotencyConflict,
    InsufficientFunds,
    NotAmendable,
    NotCancellable,
    ValidationFailed,
)
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.tokens import SOL
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import wire
from tests.check_history import ClientLog, check_history
from tests.clock import ManualClock
from tests.market import ScriptedMarket

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
POINTS = [
    "after_dequeue", "after_routing", "after_building", "after_submitted", "before_send",
    "after_send", "before_confirmed", "after_confirmed", "after_pending", "after_commit",
    "after_commit@2", "after_commit@3", "before_submitted",
]  # fmt: skip
CLEAR = """
SET session_replication_role = replica;
TRUNCATE orders, order_events, idempotency_keys, order_counters, oco_groups, chain.transactions
"""


class SimulatedCrash(BaseException):
    """Stands in for the death of the process; nothing catches it."""


def crash_now(_: int) -> None:
    raise SimulatedCrash


class OrderLives(RuleBasedStateMachine):
    base: Settings
    placed = Bundle("placed")

    @initialize()
    def start(self) -> None:
        self.database = psycopg2.connect(self.base.database_url)
        self.database.autocommit = True
        self.database.cursor().execute(CLEAR)
        self.clock = ManualClock(START)
        self.components = wire(self.base, self.clock, ScriptedMarket)
        self.move_price(150)
        self.log = ClientLog()
        self.keys: dict[str, OrderRequest] = {}

    def teardown(self) -> None:
        if hasattr(self, "components"):
            try:
                self.settle()
            finally:
                failpoints.arm("")
                self.components.close()
                self.database.close()

    @rule(
        target=placed,
        order_type=st.sampled_from(
            [OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.STOP]
        ),
        price=st.integers(120, 180),
        key=st.sampled_from(["a", "b", None, None, None]),
        life_s=st.sampled_from([60, 3600]),
    )
    def place(self, order_type: OrderType, price: int, key: str | None, life_s: int) -> UUID | None:
        new = OrderRequest(
            order_type,
            "SOL",
            "USDC",
            Decimal(1),
            limit_price=Decimal(price) if order_type is OrderType.LIMIT else None,
            stop_price=Decimal(price) if order_type is OrderType.STOP else None,
            expires_at=None
            if order_type is OrderType.MARKET
            else self.clock.now() + timedelta(seconds=life_s),
        )
        if key is not None:
            new = self.keys.setdefault(key, new)
        try:
            answer = self.components.submission.place(new, ANONYMOUS, key)
        except IdempotencyConflict:
            raise AssertionError("the same payload conflicts with itself") from None
        self.log.accepted.add(str(answer.order_id))
        if key is not None:
            self.log.keys[key].add(str(answer.order_id))
        return answer.order_id

    @rule(count=st.integers(1, 3))
    def work(self, count: int) -> None:
        for order_id in self._waiting()[:count]:
            self._deliver(order_id)

    @rule(point=st.sampled_from(POINTS))
    def work_and_crash(self, point: str) -> None:
        failpoints.arm(point)
        try:
            for order_id in self._waiting()[:2]:
                self._deliver(order_id)
        except SimulatedCrash:
            pass
        finally:
            failpoints.arm("")

    @rule(order_id=placed)
    def deliver_again(self, order_id: UUID) -> None:
        self._deliver(order_id)

    @rule(order_id=placed)
    def cancel(self, order_id: UUID) -> None:
        with contextlib.suppress(NotCancellable):
            self.components.submission.cancel(order_id, ANONYMOUS)

    @rule(
        order_id=placed,
        price=st.integers(120, 180),
        amount=st.sampled_from(["0.5", "1", "2"]),
        life_s=st.sampled_from([60, 3600]),
        point=st.sampled_from([None, None, "before_amended", "after_commit", "after_amended"]),
    )
    def amend(
        self, order_id: UUID, price: int, amount: str, life_s: int, point: str | None
    ) -> None:
        self._amend(order_id, ANONYMOUS, price, amount, life_s, point)

    @rule(price=st.integers(100, 200))
    def move_price(self, price: int) -> None:
        assert isinstance(self.components.market, ScriptedMarket)
        self.components.market.set_price(SOL, Decimal(price))

    @rule(seconds=st.sampled_from([0.5, 3, 11, 61, 200]))
    def advance_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def look_at_market(self) -> None:
        self.components.triggers.tick()

    @rule()
    def recover(self) -> None:
        self.components.recovery.sweep()

    @rule()
    def lose_redis(self) -> None:
        self.components.queue.redis.flushall()

    @invariant()
    def nothing_is_violated(self) -> None:
        if hasattr(self, "components"):
            assert check_history(self.database, self.log, max_retries=3) == []

    def settle(self) -> None:
        """The faults are over: within a bounded number of rounds all is done."""
        failpoints.arm("")
        for _ in range(40):
            self.clock.advance(11)
            self.components.triggers.tick()
            self.components.recovery.sweep()
            for order_id in self._waiting():
                self._deliver(order_id)
            if not self._unfinished():
                break
        found = check_history(self.database, self.log, max_retries=3, quiet_at=self.clock.now())
        assert found == []

    def _amend(
        self,
        order_id: UUID,
        owner: Caller,
        price: int,
        amount: str,
        life_s: int,
        point: str | None,
    ) -> None:
        """Amends what is still open; the process may die of it."""
        with connection():
            order = Order.get_by_id(order_id)
        terms = {
            "amount_in": Decimal(amount),
            "expires_at": self.clock.now() + timedelta(seconds=life_s),
        }
        if order.type != OrderType.MARKET:
            terms[f"{order.type}_price"] = Decimal(price)
        failpoints.arm(point or "")
        try:
            # The amount may have more decimals than the token.
            with contextlib.suppress(NotAmendable, InsufficientFunds, ValidationFailed):
                self.components.amendment(order_id, owner, terms, lambda _: True)
        except SimulatedCrash:
            pass
        finally:
            failpoints.arm("")

    def _waiting(self) -> list[UUID]:
        return sorted(self.components.queue.waiting_ids())

    def _deliver(self, order_id: UUID) -> None:
        queue = self.components.queue
        queue.redis.execute_command("LREM", queue.key, 1, queue.message(order_id))
        self.components.engine.execute(order_id)

    def _unfinished(self) -> int:
        """Orders in flight, and those that rest although their time is over."""
        with connection():
            return int(
                Order.select()
                .where(
                    Order.due_at.is_null(False)
                    & ((Order.status != "open") | (Order.expires_at <= self.clock.now()))
                )
                .count()
            )


@pytest.mark.parametrize("failure_rate", [0.0, 0.4])
def test_random_lives_of_orders_break_no_invariant(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, failure_rate: float
) -> None:
    monkeypatch.setattr(failpoints, "die", crash_now)
    _run(settings, failure_rate, examples=15, steps=30)


def test_order_that_rests_again_after_its_time_expires(settings: Settings) -> None:
    machine: OrderLives = type("Lives", (OrderLives,), {"base": settings})()
    machine.start()
    machine.place(order_type=OrderType.LIMIT, price=120, key=None, life_s=60)
    machine.look_at_market()
    machine.advance_clock(seconds=61)
    machine.move_price(price=100)
    machine.teardown()


@pytest.mark.soak
def test_many_random_lives_of_orders_break_no_invariant(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "die", crash_now)
    _run(settings, 0.3, examples=400, steps=60)


def _run(base: Settings, failure_rate: float, examples: int, steps: int) -> None:
    chosen = replace(
        base,
        slippage_failure_rate=failure_rate,
        swap_latency_ms="0-400",
        retry_delay_s=1,
        idempotency_ttl_s=604_800,
    )
    machine: type[OrderLives] = type("Lives", (OrderLives,), {"base": chosen})
    run_state_machine_as_test(
        machine,
        settings=bounded(examples, steps),
    )


def bounded(examples: int, steps: int) -> hypothesis_settings:
    """Bounded runs that print what replays a failure."""
    return hypothesis_settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
