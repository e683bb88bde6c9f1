"""Money: what accounts have, hold, spend and receive, to the base unit."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from orders.accounts.accounts import Accounts
from orders.config import Settings
from orders.domain.caller import Caller
from orders.domain.errors import InsufficientFunds
from orders.domain.identifiers import uuid7
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import SOL, USDC
from orders.storage.database import connection, database
from orders.storage.models import Account, Order
from orders.storage.order_changes import NewOrder
from orders.storage.wallets import Balance, read_balances
from orders.wiring import Components, wire
from tests.check_history import ClientLog
from tests.clock import ManualClock
from tests.load import violations

ONE_SOL = 10**9
GROUP = UUID(int=7)


@pytest.fixture
def account(components: Components) -> UUID:
    """An account with 1,000 SOL and 100,000 USDC."""
    return sign_up(components)


@pytest.fixture
def modest(components: Components, account: UUID) -> UUID:
    """An account with 10 SOL, which the pools can take at once."""
    components.funding.reset(account, {SOL.mint: 10 * ONE_SOL})
    return account


def sign_up(components: Components, email: str = "ada@example.org") -> UUID:
    accounts = Accounts(components.clock, components.funding)
    account_id: UUID = accounts.sign_up(email, "correct horse battery").id
    return account_id


def balances(account: UUID) -> dict[str, Balance]:
    return {balance.mint: balance for balance in read_balances(account_wallet(account))}


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def sell(amount: str) -> OrderRequest:
    return OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(amount))


def test_new_account_has_the_opening_balances(account: UUID) -> None:
    assert balances(account) == {
        SOL.mint: Balance(SOL.mint, 1_000 * ONE_SOL, 0),
        USDC.mint: Balance(USDC.mint, 100_000 * 10**6, 0),
    }


def test_order_holds_what_it_spends_until_it_is_cancelled(
    components: Components, account: UUID
) -> None:
    placed = components.submission.place(sell("1.5"), Caller(account))
    assert balances(account)[SOL.mint] == Balance(SOL.mint, 1_000 * ONE_SOL, 1_500_000_000)
    components.submission.cancel(placed.order_id, Caller(account))
    assert balances(account)[SOL.mint] == Balance(SOL.mint, 1_000 * ONE_SOL, 0)


def test_order_for_more_than_is_available_is_refused_with_the_figures(
    components: Components, account: UUID
) -> None:
    components.submission.place(sell("999"), Caller(account))
    with pytest.raises(InsufficientFunds) as refused:
        components.submission.place(sell("1.000000001"), Caller(account))
    assert refused.value.details == {
        "token": "SOL",
        "needed": Decimal("1.000000001"),
        "available": Decimal(1),
    }
    components.submission.place(sell("1"), Caller(account))


def test_fill_moves_exactly_what_was_spent_and_received(
    components: Components, account: UUID
) -> None:
    placed = components.submission.place(sell("1.5"), Caller(account))
    components.engine.execute(placed.order_id)
    order = load(placed.order_id)
    assert order.status == Status.CONFIRMED
    assert balances(account) == {
        SOL.mint: Balance(SOL.mint, 998_500_000_000, 0),
        USDC.mint: Balance(USDC.mint, 100_000 * 10**6 + USDC.to_base(order.amount_out), 0),
    }


def rest(stop: str, amount: str = "1", group: UUID | None = None) -> OrderRequest:
    """A stop order that never triggers, unless its price is above the market's."""
    return OrderRequest(
        OrderType.STOP, "SOL", "USDC", Decimal(amount), stop_price=Decimal(stop), oco_group=group
    )


def held(account: UUID) -> int:
    return balances(account)[SOL.mint].held


def test_failed_order_gives_back_what_it_held(settings: Settings) -> None:
    chosen = replace(settings, slippage_failure_rate=1.0, max_retries=1)
    components = wire(chosen)
    account = sign_up(components)
    placed = components.submission.place(sell("2"), Caller(account))
    components.engine.execute(placed.order_id)
    assert (load(placed.order_id).status, held(account)) == ("pending", 2 * ONE_SOL)
    components.engine.execute(placed.order_id)
    assert (load(placed.order_id).status, held(account)) == ("failed", 0)
    assert balances(account)[SOL.mint].total == 1_000 * ONE_SOL
    components.close()


def test_expired_order_gives_back_what_it_held(settings: Settings) -> None:
    clock = ManualClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    components = wire(settings, clock)
    account = sign_up(components)
    components.submission.place(rest("0.001"), Caller(account))
    assert held(account) == ONE_SOL
    clock.advance(settings.resting_ttl_s + 1)
    assert components.recovery.expire_resting() == 1
    assert held(account) == 0
    components.close()


def test_orders_of_a_group_share_the_largest_hold(components: Components, account: UUID) -> None:
    caller = Caller(account)
    components.submission.place(rest("0.001", "600", GROUP), caller)
    larger = components.submission.place(rest("0.001", "900", GROUP), caller)
    assert held(account) == 900 * ONE_SOL
    with pytest.raises(InsufficientFunds) as refused:
        components.submission.place(rest("0.001", "1001", GROUP), caller)
    assert (refused.value.details["needed"], refused.value.details["available"]) == (1001, 1000)
    components.submission.cancel(larger.order_id, caller)
    assert held(account) == 600 * ONE_SOL


def test_triggered_order_keeps_its_own_part_of_the_groups_hold(
    components: Components, modest: UUID
) -> None:
    caller = Caller(modest)
    components.submission.place(rest("0.001", "9", GROUP), caller)
    winner = components.submission.place(rest("1000000", "6", GROUP), caller)
    assert components.triggers.tick() == 1
    assert held(modest) == 6 * ONE_SOL
    components.engine.execute(winner.order_id)
    assert balances(modest)[SOL.mint] == Balance(SOL.mint, 4 * ONE_SOL, 0)


def test_order_that_slips_into_a_decided_group_does_not_keep_its_hold(
    components: Components, modest: UUID
) -> None:
    caller = Caller(modest)
    winner = components.submission.place(rest("1000000", "10", GROUP), caller)
    assert components.triggers.tick() == 1
    late = place_late(components, modest, rest("0.001", "10", GROUP))
    components.engine.execute(winner.order_id)
    assert balances(modest)[SOL.mint] == Balance(SOL.mint, 0, 0)
    assert (load(late).status, load(late).hold) == ("open", None)
    components.submission.cancel(late, caller)
    assert violations(components.settings, ClientLog()) == []


def place_late(components: Components, account: UUID, new: OrderRequest) -> UUID:
    """Places an order as a web process does that looked at the group before it was decided."""
    order_id, at = uuid7(components.clock.now()), components.order_store.now()
    expires_at = at + timedelta(days=1)
    columns = new._asdict() | {
        "id": order_id,
        "account_id": account,
        "wallet": account_wallet(account),
        "hold": SOL.to_base(new.amount_in),
        "token_in": SOL.mint,
        "token_out": USDC.mint,
        "expires_at": expires_at,
    }
    assert components.order_store.place([NewOrder(columns, Status.OPEN, {}, expires_at)])
    return order_id


def test_account_from_before_wallets_gets_its_wallet_with_its_first_order(
    components: Components, account: UUID
) -> None:
    older = uuid7(components.clock.now())
    with connection():
        Account.create(
            id=older,
            email="old@example.org",
            password_hash="x",
            created_at=components.clock.now(),
        )
    components.submission.place(sell("1"), Caller(older))
    assert held(older) == ONE_SOL


@pytest.mark.parametrize("amount", ["100", "333.333333333", "1000"])
def test_clients_that_overdraw_at_once_get_exactly_what_there_is(
    settings: Settings, components: Components, account: UUID, amount: str
) -> None:
    """From 20 connections to two processes."""
    other = wire(settings)
    outcomes: Counter[str] = Counter()

    def spend(number: int) -> None:
        process = (components, other)[number % 2]
        for _ in range(3):
            try:
                process.submission.place(sell(amount), Caller(account))
                outcomes["accepted"] += 1
            except InsufficientFunds:
                outcomes["refused"] += 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(spend, range(20)))
    affordable = int(1_000 / Decimal(amount))
    assert outcomes == {"accepted": affordable, "refused": 60 - affordable}
    assert violations(settings, ClientLog(), quiet=False) == []
    other.close()


def test_processes_that_place_and_cancel_for_the_same_accounts_never_deadlock(
    settings: Settings, components: Components
) -> None:
    accounts = [sign_up(components, f"{n}@example.org") for n in range(4)]
    other = wire(settings)

    def trade(number: int) -> None:
        process = (components, other)[number % 2]
        chance = random.Random(number)
        for _ in range(15):
            caller = Caller(chance.choice(accounts))
            placed = process.submission.place(sell("0.1"), caller)
            if chance.random() < 0.5:
                process.submission.cancel(placed.order_id, caller)
            else:
                process.engine.execute(placed.order_id)

    before = deadlocks()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(trade, range(8)))
    assert deadlocks() == before
    assert violations(settings, ClientLog()) == []
    other.close()


def deadlocks() -> int:
    with connection():
        database.execute_sql("SELECT pg_stat_force_next_flush()")
        row = database.execute_sql(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0])
