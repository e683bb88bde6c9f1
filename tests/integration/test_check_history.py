"""Checks the checker: each planted violation must be found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from orders.accounts.accounts import Accounts
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.wiring import Components
from tests.check_history import ClientLog, check_history

LATER = datetime.now(UTC) + timedelta(days=60)


@pytest.fixture
def raw(components: Components) -> Iterator[Connection]:
    """A connection that can break what the engine protects."""
    opened = psycopg2.connect(components.settings.database_url)
    opened.autocommit = True
    opened.cursor().execute("SET session_replication_role = replica")
    yield opened
    opened.close()


@pytest.fixture
def confirmed(components: Components) -> str:
    placed = components.submission.place(
        OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1)), ANONYMOUS
    )
    components.engine.execute(placed.order_id)
    return str(placed.order_id)


@pytest.fixture
def account(components: Components) -> UUID:
    """An account with an order that was filled and one that rests."""
    accounts = Accounts(components.clock, components.funding)
    owner = accounts.sign_up("ada@example.org", "correct horse battery").id
    placed = components.submission.place(
        OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1)), Caller(owner)
    )
    components.engine.execute(placed.order_id)
    new = OrderRequest(OrderType.STOP, "SOL", "USDC", Decimal(1), stop_price=Decimal("0.001"))
    components.submission.place(new, Caller(owner))
    return owner


@pytest.fixture
def resting(components: Components) -> str:
    new = OrderRequest(OrderType.STOP, "SOL", "USDC", Decimal(1), stop_price=Decimal("0.001"))
    return str(components.submission.place(new, ANONYMOUS).order_id)


def violations(raw: Connection, log: ClientLog | None = None, quiet: bool = False) -> list[str]:
    quiet_at = LATER if quiet else None
    return check_history(raw, log or ClientLog(), max_retries=3, quiet_at=quiet_at)


def test_a_sound_history_has_no_violation(raw: Connection, confirmed: str) -> None:
    log = ClientLog(accepted={confirmed}, streams={confirmed: [1, 2, 3, 4, 5]})
    assert violations(raw, log, quiet=True) == []


PLANTED = {
    "2": "UPDATE order_events SET status = 'cancelled' WHERE sequence = 3",
    "3": "DELETE FROM order_events WHERE sequence = 3",
    "4": "UPDATE orders SET status = 'failed'",
    "4b": "DELETE FROM chain.transactions",
    "5": "UPDATE orders SET min_amount_out = amount_out + 1",
    "6": "UPDATE order_events SET data = jsonb_set(data, '{quotes,0,amountOut}', '1e9') "
    "|| jsonb_build_object('chosenDex', data #>> '{quotes,1,dex}') WHERE status = 'building'",
    "9": "UPDATE orders SET attempts = 9",
    "11": "UPDATE orders SET in_flight = true",
    "11b": "UPDATE orders SET outcome = NULL",
    "11c": "ALTER TABLE orders DROP CONSTRAINT orders_lease_check;"
    "UPDATE orders SET lease_owner = 'nobody'",
    "11e": "UPDATE orders SET transaction = '{}'",
    "11d": "ALTER DOMAIN positive_amount DROP CONSTRAINT positive_amount_holds;"
    "UPDATE orders SET amount_in = 0",
}


@pytest.mark.parametrize("number", PLANTED)
def test_planted_violation_is_found(raw: Connection, confirmed: str, number: str) -> None:
    raw.cursor().execute(PLANTED[number])
    assert any(f" {number.rstrip('bcde')}. " in found for found in violations(raw)), violations(raw)


MONEY_PLANTED = {
    "12": "UPDATE ledger_entries SET amount = amount + 1 WHERE wallet = 'pool:raydium' "
    "OR wallet = 'pool:meteora'",
    "13": "UPDATE balances SET total = total + 1",
    "13b": "DELETE FROM balances WHERE held = 0",
    "14": "UPDATE balances SET held = held - 1 WHERE held > 0",
    "14b": "UPDATE orders SET hold = NULL WHERE status = 'open'",
    "14c": "UPDATE orders SET status = 'cancelled', outcome = 'cancelled' WHERE status = 'open'",
    "15": "ALTER TABLE balances DROP CONSTRAINT balances_check;"
    "UPDATE balances SET total = held - 1 WHERE held > 0",
    "16": "DELETE FROM transfers WHERE kind = 'swap'",
    "16b": "UPDATE orders SET hold = NULL WHERE status = 'confirmed'",
    "16c": "INSERT INTO transfers SELECT id, 'swap', now() FROM orders WHERE status = 'open'",
    "16d": "UPDATE chain.transactions SET amount_out = amount_out - 1",
    "16e": "UPDATE ledger_entries SET amount = amount - 1 WHERE amount < 0 "
    "AND transfer_id IN (SELECT id FROM orders)",
    "17": "DELETE FROM wallet_events WHERE sequence = 2",
    "17b": "UPDATE wallets SET sequence = sequence + 1",
    "17c": "UPDATE wallet_events SET balances = '[]'",
    "18": "UPDATE balances SET total = total + 1000000",
}


@pytest.mark.parametrize("number", MONEY_PLANTED)
def test_planted_violation_about_money_is_found(
    raw: Connection, account: UUID, number: str
) -> None:
    assert violations(raw) == []
    raw.cursor().execute(MONEY_PLANTED[number])
    assert any(f" {number.rstrip('bcde')}. " in found for found in violations(raw)), violations(raw)


def test_lost_order_is_found(raw: Connection) -> None:
    assert " 1. " in violations(raw, ClientLog(accepted={"gone"}))[0]


def test_two_orders_of_one_key_are_found(raw: Connection) -> None:
    assert violations(raw, ClientLog(keys={"key": {"a", "b"}}))[0].startswith("7. ")


def test_stop_that_triggered_above_its_price_is_found(raw: Connection, resting: str) -> None:
    raw.cursor().execute(
        "UPDATE order_events SET status = 'open', data = data || '{\"trigger\": {\"price\": 5}}'"
    )
    assert any(" 5. " in found for found in violations(raw))


def test_order_that_never_ends_is_found(raw: Connection, resting: str) -> None:
    assert any(" 8. " in found for found in violations(raw, quiet=True))


def test_stream_with_a_gap_is_found(raw: Connection, confirmed: str) -> None:
    log = ClientLog(streams={confirmed: [1, 2, 4, 5]})
    assert any(" 10. " in found for found in violations(raw, log))
