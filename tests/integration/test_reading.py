"""What reading one wallet, transaction or endpoint costs does not depend on all others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from bench.plans import OPTIONS, taken
from orders.market.tokens import SOL
from orders.solana import balance_changes, limit_order_book
from orders.solana.accounts import AccountReader
from orders.solana.history import Landed
from orders.solana.limit_order_book import Wanted
from orders.solana.signed_transaction import SignedTransaction
from orders.storage.database import connection, database
from orders.storage.wallet_history import last_change_before
from orders.wiring import Components

NOW = datetime.now(UTC)
SCANNED = re.compile(r"Seq Scan on (\w+)")
LOOPS = re.compile(r"loops=(\d+)")

SWAPS = """
WITH made AS MATERIALIZED (
    SELECT n, gen_random_uuid() AS id FROM generate_series(1, 3000) AS n
), swaps AS (
    INSERT INTO transfers SELECT id, 'swap', %(now)s - (3000 - n) * interval '1 minute' FROM made
)
INSERT INTO ledger_entries
SELECT id, CASE WHEN n %% 10 = 0 THEN %(wallet)s ELSE 'other' || n %% 7 END, %(mint)s, 1, n
FROM made
"""
"""A swap each minute, the last one now; every tenth is of one wallet."""
LIMIT_ORDERS = """
WITH made AS (
    INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, limit_price,
        expires_at, rests_until, trigger_price, due_at, status, sequence, created_at, updated_at)
    SELECT uuidv7(), 'limit', 'a', 'b', 1, 100, 7, day, day, 7, day, 'open', 1, now(), now()
    FROM generate_series(1, 4000), (SELECT now() + interval '1 day') AS tomorrow (day)
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM made
), listed AS (
    INSERT INTO chain.limit_orders
    SELECT name, CASE WHEN n > 1000 THEN 'mine' ELSE 'maker' || n END, id
    FROM unnest(%(addresses)s::text[]) WITH ORDINALITY AS a (name, n) JOIN numbered USING (n)
), sent AS (
    INSERT INTO chain.transfers (signature, signer, slot, landed_at)
    SELECT 'sent' || n, 'mine', n, now() FROM numbered
)
INSERT INTO chain.account_transactions
SELECT named, now(), 'sent' || n
FROM unnest(%(accounts)s::bytea[]) WITH ORDINALITY AS a (account, n),
    unnest(ARRAY[account, 'program', 'token']) AS named
"""
"""Limit orders of many makers, most of them of one."""
DELIVERIES = """
INSERT INTO webhook_deliveries (endpoint_id, order_id, sequence, due_at, created_at)
SELECT %s, gen_random_uuid(), 1, now(), now() FROM generate_series(1, %s)
"""


@pytest.fixture
def told(components: Components) -> Iterator[Components]:
    """The components, whose connections tell the plans of their statements."""
    database.connect_params["options"] += f" {OPTIONS}"
    yield components
    database.close_all()


def fill(statement: str, values: object) -> None:
    with connection():
        database.execute_sql(statement, values)
        database.execute_sql("ANALYZE")
    taken()


def scanned(plans: list[str]) -> set[str]:
    """The tables that are read as a whole."""
    return {table for plan in plans for table in SCANNED.findall(plan)}


def sent_by(wallet: Keypair) -> SignedTransaction:
    there = TransferParams(from_pubkey=wallet.pubkey(), to_pubkey=Pubkey.default(), lamports=1)
    message = MessageV0.try_compile(wallet.pubkey(), [transfer(there)], [], Hash.default())
    return SignedTransaction.from_wire(bytes(VersionedTransaction(message, [wallet])))


@pytest.mark.usefixtures("told")
def test_transaction_is_shown_by_its_wallets_part_of_the_ledger() -> None:
    wallet = Keypair()
    fill(SWAPS, {"wallet": str(wallet.pubkey()), "mint": SOL.mint, "now": NOW})
    found = Landed("signature", 1, NOW - timedelta(hours=1), None, sent_by(wallet), None)
    balance_changes.read(found, sent_by(wallet))
    assert not scanned(taken()) & {"ledger_entries"}


@pytest.mark.usefixtures("told")
def test_state_of_a_wallet_at_a_time_is_found_by_few_of_its_changes() -> None:
    fill(SWAPS, {"wallet": "mine", "mint": SOL.mint, "now": NOW})
    assert last_change_before("mine", NOW - timedelta(minutes=2400)) == 600
    (plan,) = taken()
    assert max(map(int, LOOPS.findall(plan))) < 20, plan


@pytest.mark.usefixtures("told")
def test_limit_orders_of_a_wallet_are_found_without_those_of_others() -> None:
    accounts = [Pubkey.new_unique() for _ in range(4000)]
    values = {
        "addresses": [str(account) for account in accounts],
        "accounts": [bytes(account) for account in accounts],
    }
    fill(LIMIT_ORDERS, values)
    found = limit_order_book.listed(Wanted("mine", active=True), limit=10)
    plans = taken()
    assert [each.opened_by for each in found] == [f"sent{4000 - older}" for older in range(10)]
    assert limit_order_book.count(Wanted("mine", active=True, mint_in="a")) == 3000
    growing = {"orders", "limit_orders", "account_transactions", "transfers"}
    assert not scanned(plans) & growing, plans


def test_deliveries_of_an_endpoint_are_listed_without_newer_ones_of_others(
    told: Components,
) -> None:
    person = uuid4()
    with connection():
        database.execute_sql("INSERT INTO accounts VALUES (%s, 'a', '', now())", (person,))
    quiet, busy = (
        told.webhook_endpoints.create(person, f"http://127.0.0.1/{name}", None).id
        for name in ("quiet", "busy")
    )
    fill(DELIVERIES, (quiet, 2000))
    fill(DELIVERIES, (busy, 2000))
    told.webhook_endpoints.deliveries(person, quiet, None, 10, None)
    assert not [plan for plan in taken() if "Rows Removed by Filter" in plan]


def test_accounts_are_read_at_once(told: Components) -> None:
    addresses = [str(Pubkey.new_unique()) for _ in range(100)]
    taken()
    assert AccountReader(told.registry).read(addresses) == [None] * 100
    assert len([plan for plan in taken() if " on balances" in plan]) == 1
