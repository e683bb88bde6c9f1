"""A process that dies at any named point loses no order and fills none twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg2
import pytest

from orders.accounts.accounts import Accounts
from orders.chain.ledger import entries
from orders.config import Settings
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.failpoints import EXIT_CODE
from orders.domain.lifecycle import TERMINAL
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import SOL, Launch, Token
from orders.storage.database import connection
from orders.storage.models import Order
from orders.storage.wallets import Balance, read_balances
from orders.wiring import Components, wire
from tests.check_history import ClientLog, check_history
from tests.forked import as_worker, run_forked

MINT = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
ORDERS = {
    "market": OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1)),
    "limit": OrderRequest(OrderType.LIMIT, "SOL", "USDC", Decimal(1), limit_price=Decimal("0.01")),
    "stop": OrderRequest(OrderType.STOP, "SOL", "USDC", Decimal(1), stop_price=Decimal(10**6)),
    "sniper": OrderRequest(OrderType.SNIPER, "SOL", MINT, Decimal(1), min_liquidity=Decimal(0)),
}
POINTS = [
    "after_dequeue",
    "after_routing",
    "after_building",
    "before_submitted",
    "after_submitted",
    "before_send",
    "after_send",
    "before_confirmed",
    "after_confirmed",
]
COMMITS = [f"after_commit@{n}" for n in (1, 2, 3)]
"""After the commit, before anything is published."""


@pytest.fixture
def survivor(settings: Settings) -> Iterator[Components]:
    """The process that is left; leases run out at once."""
    chosen = replace(settings, lease_s=0.2, wake_grace_s=0.1)
    opened = wire(chosen)
    launch = Launch(
        Token("PEPE", MINT, 6, "Pepe"), Decimal("0.01"), Decimal(10**5), datetime.now(UTC)
    )
    opened.launches.schedule(launch)
    yield opened
    opened.close()


def load(order_id: UUID) -> Order:
    with connection():
        return Order.get_by_id(order_id)


def recover_until_terminal(components: Components, order_id: UUID) -> None:
    """What a watcher and a worker do, step by step."""
    deadline = time.monotonic() + 20
    while load(order_id).status not in TERMINAL:
        assert time.monotonic() < deadline, f"still {load(order_id).status}"
        components.triggers.tick()
        components.recovery.sweep()
        for waiting in components.queue.waiting_ids():
            components.engine.execute(waiting)
        components.queue.huey.flush()
        time.sleep(0.02)


def assert_sound(components: Components, order_id: UUID) -> None:
    database = psycopg2.connect(components.settings.database_url)
    log = ClientLog(accepted={str(order_id)})
    quiet_at = datetime.now(UTC) + timedelta(days=60)
    found = check_history(database, log, max_retries=3, quiet_at=quiet_at)
    database.close()
    assert found == []
    assert load(order_id).status == "confirmed"


@pytest.mark.parametrize("point", [*POINTS, *COMMITS])
@pytest.mark.parametrize("order_type", ["limit", "sniper"])
def test_worker_that_dies_at_this_point_leaves_one_fill(
    survivor: Components, order_type: str, point: str
) -> None:
    order_id = survivor.submission.place(ORDERS[order_type], ANONYMOUS).order_id
    assert survivor.triggers.tick() == 1
    survivor.queue.huey.flush()

    code = run_forked(survivor.settings, point, as_worker(order_id))

    assert code == EXIT_CODE
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)


@pytest.mark.parametrize("point", [*POINTS, *COMMITS])
@pytest.mark.parametrize("order_type", ["market", "stop"])
def test_worker_that_dies_at_this_point_leaves_one_fill_and_the_money_right(
    survivor: Components, order_type: str, point: str
) -> None:
    owner = owner_of_sol(survivor)
    order_id = survivor.submission.place(ORDERS[order_type], owner).order_id
    if order_type != "market":
        assert survivor.triggers.tick() == 1
    survivor.queue.huey.flush()

    assert run_forked(survivor.settings, point, as_worker(order_id)) == EXIT_CODE

    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)
    assert sol_of(owner) == Balance(SOL.mint, 999 * 10**9, 0)


def test_web_process_that_dies_after_it_stored_an_order_has_taken_the_hold(
    survivor: Components,
) -> None:
    owner = owner_of_sol(survivor)
    code = run_forked(
        survivor.settings,
        "after_commit",
        lambda child: child.submission.place(ORDERS["market"], owner),
    )
    assert code == EXIT_CODE
    assert sol_of(owner) == Balance(SOL.mint, 1_000 * 10**9, 10**9)
    with connection():
        order_id = Order.select().get().id
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)


def test_web_process_that_dies_after_it_stored_linked_orders_has_both_with_one_hold(
    survivor: Components,
) -> None:
    owner = owner_of_sol(survivor)
    linked = [ORDERS["limit"]._replace(limit_price=Decimal(10**6)), ORDERS["stop"]]
    code = run_forked(
        survivor.settings,
        "after_commit",
        lambda child: child.linked_orders.place(linked, owner),
    )
    assert code == EXIT_CODE
    assert sol_of(owner) == Balance(SOL.mint, 1_000 * 10**9, 10**9)
    with connection():
        found = {order.type: order.id for order in Order.select()}
    recover_until_terminal(survivor, found["stop"])
    assert_sound(survivor, found["stop"])
    assert load(found["limit"]).status == "cancelled"
    assert sol_of(owner) == Balance(SOL.mint, 999 * 10**9, 0)


@pytest.mark.parametrize("point", ["before_amended", "after_commit", "after_amended"])
def test_web_process_that_dies_while_it_amends_leaves_the_old_terms_or_the_new(
    survivor: Components, point: str
) -> None:
    owner = owner_of_sol(survivor)
    far = ORDERS["limit"]._replace(limit_price=Decimal(10**6))
    order_id = survivor.submission.place(far, owner).order_id
    terms = {"amount_in": Decimal(3), "limit_price": Decimal("0.01")}
    code = run_forked(
        survivor.settings,
        point,
        lambda child: child.amendment(order_id, owner, terms, lambda _: True),
    )
    assert code == EXIT_CODE
    amended = point != "before_amended"
    order = load(order_id)
    assert (order.sequence, order.amount_in) == ((2, 3) if amended else (1, 1))
    assert sol_of(owner).held == (3 if amended else 1) * 10**9
    survivor.amendment(order_id, owner, terms, lambda _: True)
    assert load(order_id).sequence == 2
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)
    assert sol_of(owner) == Balance(SOL.mint, 997 * 10**9, 0)


def owner_of_sol(components: Components) -> Caller:
    """A new account, which has 1,000 SOL."""
    accounts = Accounts(components.clock, components.funding)
    return Caller(accounts.sign_up("ada@example.org", "correct horse battery").id)


def sol_of(owner: Caller) -> Balance:
    """What the account has of SOL."""
    assert owner.account_id is not None
    balances = read_balances(account_wallet(owner.account_id))
    return next(balance for balance in balances if balance.mint == SOL.mint)


@pytest.mark.parametrize("order_type", ORDERS)
def test_web_process_that_dies_between_insert_and_wake_up_loses_no_order(
    survivor: Components, order_type: str
) -> None:
    code = run_forked(
        survivor.settings,
        "after_commit",
        lambda child: child.submission.place(ORDERS[order_type], ANONYMOUS),
    )
    assert code == EXIT_CODE
    with connection():
        order_id = Order.select().get().id
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)


@pytest.mark.parametrize("order_type", ["limit", "stop", "sniper"])
def test_watcher_that_dies_while_it_triggers_loses_no_order(
    survivor: Components, order_type: str
) -> None:
    order_id = survivor.submission.place(ORDERS[order_type], ANONYMOUS).order_id
    code = run_forked(survivor.settings, "after_commit", lambda child: child.triggers.tick())
    assert code == EXIT_CODE
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)


def test_retry_that_dies_before_it_is_scheduled_goes_on(survivor: Components) -> None:
    settings = replace(survivor.settings, slippage_failure_rate=1.0)
    order_id = survivor.submission.place(ORDERS["market"], ANONYMOUS).order_id
    code = run_forked(settings, "after_pending", as_worker(order_id))
    assert code == EXIT_CODE
    recover_until_terminal(survivor, order_id)
    assert_sound(survivor, order_id)
    assert load(order_id).attempts == 2


def test_nothing_is_sent_before_its_signature_is_stored(survivor: Components) -> None:
    order_id = survivor.submission.place(ORDERS["market"], ANONYMOUS).order_id
    run_forked(survivor.settings, "before_submitted", as_worker(order_id))
    database = psycopg2.connect(survivor.settings.database_url)
    sent = entries(database)
    database.close()
    assert load(order_id).status == "routing"
    assert sent == []


def test_order_survives_a_bounded_number_of_crashes(survivor: Components) -> None:
    settings = replace(survivor.settings, max_recoveries=2)
    components = wire(settings)
    order_id = components.submission.place(ORDERS["market"], ANONYMOUS).order_id
    for _ in range(3):
        run_forked(settings, "after_routing", as_worker(order_id))
        while load(order_id).status == "routing":
            components.recovery.release_orphans()
            time.sleep(0.02)
    components.close()
    order = load(order_id)
    assert (order.status, order.fail_code) == ("failed", "worker_lost")
