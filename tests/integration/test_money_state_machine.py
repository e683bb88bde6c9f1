"""Random lives of accounts against the invariants of money, with crashes and lost messages."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, rule, run_state_machine_as_test

from orders.accounts.accounts import Accounts
from orders.config import Settings
from orders.domain import failpoints
from orders.domain.caller import Caller
from orders.domain.errors import (
    AccountBusy,
    FaucetLimit,
    InsufficientFunds,
    NotCancellable,
    ValidationFailed,
)
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.tokens import SOL, USDC, Token
from orders.storage.database import connection
from orders.storage.models import Order
from tests.integration.test_state_machine import OrderLives, bounded, crash_now

CLEAR = """
SET session_replication_role = replica;
TRUNCATE accounts, wallets, balances, transfers, ledger_entries, wallet_events CASCADE
"""
GROUPS = [UUID(int=1), UUID(int=2)]
OWNERS = [0, 1]
AMOUNTS = ["0.000000001", "1", "4.5", "7", "10"]


class AccountLives(OrderLives):
    owned = Bundle("owned")

    @initialize()
    def start(self) -> None:
        super().start()
        self.database.cursor().execute(CLEAR)
        self.linked: dict[str, list[OrderRequest]] = {}
        accounts = Accounts(self.clock, self.components.funding)
        self.owners = [
            Caller(accounts.sign_up(f"{n}@example.org", "correct horse battery").id) for n in OWNERS
        ]

    @rule(
        target=owned,
        owner=st.sampled_from(OWNERS),
        order_type=st.sampled_from(
            [OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.STOP]
        ),
        price=st.integers(120, 180),
        amount=st.sampled_from(AMOUNTS),
        key=st.sampled_from(["a", None, None]),
        life_s=st.sampled_from([60, 3600]),
        group=st.sampled_from([*GROUPS, None]),
        buys=st.booleans(),
    )
    def place_of_account(
        self,
        owner: int,
        order_type: OrderType,
        price: int,
        amount: str,
        key: str | None,
        life_s: int,
        group: UUID | None,
        buys: bool,
    ) -> tuple[int, UUID] | None:
        rests = order_type is not OrderType.MARKET
        new = OrderRequest(
            order_type,
            "USDC" if buys else "SOL",
            "SOL" if buys else "USDC",
            Decimal(amount) * 150 // 1 + 1 if buys else Decimal(amount),
            limit_price=Decimal(price) if order_type is OrderType.LIMIT else None,
            stop_price=Decimal(price) if order_type is OrderType.STOP else None,
            expires_at=self.clock.now() + timedelta(seconds=life_s) if rests else None,
            oco_group=group if rests else None,
        )
        if key is not None:
            key = f"{owner}{key}"
            new = self.keys.setdefault(key, new)
        try:
            answer = self.components.submission.place(new, self.owners[owner], key)
        except (InsufficientFunds, ValidationFailed):
            return None
        self.log.accepted.add(str(answer.order_id))
        return owner, answer.order_id

    @rule(order=owned)
    def cancel_owned(self, order: tuple[int, UUID] | None) -> None:
        if order is not None:
            owner, order_id = order
            with contextlib.suppress(NotCancellable):
                self.components.submission.cancel(order_id, self.owners[owner])

    @rule(
        order=owned,
        price=st.integers(120, 180),
        amount=st.sampled_from(AMOUNTS),
        life_s=st.sampled_from([60, 3600]),
        point=st.sampled_from([None, None, "before_amended", "after_commit", "after_amended"]),
    )
    def amend_owned(
        self,
        order: tuple[int, UUID] | None,
        price: int,
        amount: str,
        life_s: int,
        point: str | None,
    ) -> None:
        if order is not None:
            owner, order_id = order
            self._amend(order_id, self.owners[owner], price, amount, life_s, point)

    @rule(
        owner=st.sampled_from(OWNERS),
        limit_price=st.integers(120, 180),
        stop_price=st.integers(120, 180),
        amounts=st.tuples(st.sampled_from(AMOUNTS), st.sampled_from(AMOUNTS)),
        key=st.sampled_from(["b", None, None]),
    )
    def link(
        self,
        owner: int,
        limit_price: int,
        stop_price: int,
        amounts: tuple[str, str],
        key: str | None,
    ) -> None:
        amount_of_limit, amount_of_stop = map(Decimal, amounts)
        linked = [
            OrderRequest(
                OrderType.LIMIT, "SOL", "USDC", amount_of_limit, limit_price=Decimal(limit_price)
            ),
            OrderRequest(
                OrderType.STOP, "SOL", "USDC", amount_of_stop, stop_price=Decimal(stop_price)
            ),
        ]
        if key is not None:
            key = f"{owner}{key}"
            linked = self.linked.setdefault(key, linked)
        before = self._stored()
        try:
            placed = self.components.linked_orders.place(linked, self.owners[owner], key)
        except InsufficientFunds:
            assert self._stored() == before, "none of them was stored"
            return
        assert len(placed) == len(linked)
        self.log.accepted.update(str(receipt.order_id) for receipt in placed)

    @rule(order=owned)
    def deliver_owned_again(self, order: tuple[int, UUID] | None) -> None:
        if order is not None:
            self._deliver(order[1])

    @rule(
        owner=st.sampled_from(OWNERS),
        token=st.sampled_from([SOL, USDC]),
        units=st.integers(1, 10**10),
    )
    def ask_faucet(self, owner: int, token: Token, units: int) -> None:
        with contextlib.suppress(FaucetLimit):
            self.components.funding.give(self._id(owner), token, units)

    @rule(owner=st.sampled_from(OWNERS), sol=st.integers(0, 10**10))
    def reset(self, owner: int, sol: int) -> None:
        with contextlib.suppress(AccountBusy):
            self.components.funding.reset(self._id(owner), {SOL.mint: sol, USDC.mint: 10**9})

    def _stored(self) -> int:
        with connection():
            return int(Order.select().count())

    def _id(self, owner: int) -> UUID:
        account_id = self.owners[owner].account_id
        assert account_id is not None
        return account_id


@pytest.mark.parametrize("failure_rate", [0.0, 0.4])
def test_random_lives_of_accounts_keep_their_money_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, failure_rate: float
) -> None:
    monkeypatch.setattr(failpoints, "die", crash_now)
    _run(settings, failure_rate, examples=15, steps=40)


@pytest.mark.soak
def test_many_random_lives_of_accounts_keep_their_money_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "die", crash_now)
    _run(settings, 0.3, examples=300, steps=60)


def _run(base: Settings, failure_rate: float, examples: int, steps: int) -> None:
    chosen = replace(
        base,
        slippage_failure_rate=failure_rate,
        swap_latency_ms="0-400",
        retry_delay_s=1,
        idempotency_ttl_s=604_800,
        paper_balances="SOL:10,USDC:2000",
        faucet_limit_usd=3_000,
        reset_wait_s=0,
    )
    machine: type[AccountLives] = type("Lives", (AccountLives,), {"base": chosen})
    run_state_machine_as_test(machine, settings=bounded(examples, steps))
