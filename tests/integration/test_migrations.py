"""Migrating keeps what is stored, in both directions."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from playhouse.migrations import Runner
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.config import Settings
from orders.domain.lifecycle import Status
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import SOL
from orders.storage.database import MIGRATIONS, connect, connection, database
from orders.storage.wallets import Balance, read_balances

BEFORE, IN_PLACE = "0004_list_filters", "0005_transitions_in_place"
PLACE = """
INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, limit_price,
    expires_at, status, sequence, due_at, lease_owner, created_at, updated_at)
SELECT gen_random_uuid(), 'limit', 'a', 'b', 1, 100, 7, '2030-01-01', status, 1,
    CASE WHEN status NOT IN ('confirmed', 'failed', 'cancelled', 'expired')
        THEN timestamptz '2030-01-01' END,
    CASE WHEN status IN ('routing', 'building', 'submitted') THEN 'worker' END, now(), now()
FROM unnest(%s) AS status
"""


@pytest.fixture
def runner(settings: Settings, empty_database: str) -> Iterator[Runner]:
    """Migrates an empty database."""
    connect(replace(settings, database_url=empty_database))
    with connection():
        yield Runner(database, str(MIGRATIONS))


def read(columns: str) -> dict[str, Any]:
    rows = database.execute_sql(f"SELECT status, {columns} FROM orders").fetchall()
    return {status: values for status, *values in rows}


def test_orders_of_every_status_are_carried_over_and_back(runner: Runner) -> None:
    runner.up(BEFORE)
    database.execute_sql(PLACE, ([status.value for status in Status],))
    computed = read("outcome, trigger_price")

    runner.up(IN_PLACE)
    assert read("outcome, trigger_price") == computed
    in_flight = {status for status, (flag,) in read("in_flight").items() if flag}
    assert in_flight == {"pending", "routing", "building", "submitted"}
    resting = {status for status, (until,) in read("rests_until").items() if until}
    assert resting == {"open"}

    runner.down(IN_PLACE)
    assert read("outcome, trigger_price") == computed
    runner.up()
    assert read("outcome, trigger_price") == computed


MONEY = "0010_money"
ADA, BOB = UUID(int=1), UUID(int=2)
PLACE_OWNED = """
INSERT INTO orders (id, account_id, type, token_in, token_out, amount_in, max_slippage_bps,
    limit_price, expires_at, status, sequence, due_at, created_at, updated_at, oco_group, outcome)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, %s, 'limit', %s, 'b', amount,
    100, 7, '2030-01-01', status, 1, '2030-01-01', now(), now(), oco,
    CASE status WHEN 'confirmed' THEN status END
FROM unnest(%s::int[], %s::numeric[], %s::text[], %s::uuid[]) AS row (n, amount, status, oco)
"""


def test_accounts_get_their_wallet_and_living_orders_hold_what_the_balance_allows(
    runner: Runner,
) -> None:
    group = UUID(int=9)
    runner.up()
    runner.down(MONEY)
    for account in (ADA, BOB):
        database.execute_sql(
            "INSERT INTO accounts VALUES (%s, %s, 'x', now())", (account, str(account))
        )
    orders = (
        [1, 2, 3, 4, 5, 6],
        [600, 300, 400, 350, 100, 50],
        ["open", "open", "open", "pending", "confirmed", "open"],
        [None, group, group, None, None, None],
    )
    database.execute_sql(PLACE_OWNED, (ADA, SOL.mint, *orders))

    runner.up(MONEY)

    holds = database.execute_sql("SELECT hold FROM orders ORDER BY id").fetchall()
    unit = 10**9
    # The group's second order needs 100 more; then the fourth would need what is no longer there.
    assert [hold and int(hold) // unit for (hold,) in holds] == [600, 300, 400, None, None, None]
    balances = {balance.mint: balance for balance in read_balances(account_wallet(ADA))}
    assert balances[SOL.mint] == Balance(SOL.mint, 1_000 * unit, 1_000 * unit)
    assert read_balances(account_wallet(BOB))[0].held == 0
    runner.down(MONEY)


NAMED = "SELECT account, signature FROM chain.account_transactions ORDER BY account, signature"
STORE_TRANSFERS = """
INSERT INTO chain.transfers (signature, signer, wire, slot, landed_at)
VALUES ('airdrop', %s, NULL, 1, now()), ('transfer', %s, %s, 2, now())
"""


def legacy(payer: Pubkey, instruction: Instruction) -> Message:
    return Message.new_with_blockhash([instruction], payer, Hash.default())


def with_version(payer: Pubkey, instruction: Instruction) -> MessageV0:
    return MessageV0.try_compile(payer, [instruction], [], Hash.default())


@pytest.mark.parametrize("compiled", [legacy, with_version])
def test_earlier_transactions_are_found_by_the_accounts_they_name(
    runner: Runner, compiled: Callable[[Pubkey, Instruction], Message | MessageV0]
) -> None:
    runner.up("0021_domains")
    wallet, friend = Keypair(), Keypair().pubkey()
    sent = TransferParams(from_pubkey=wallet.pubkey(), to_pubkey=friend, lamports=1)
    message = compiled(wallet.pubkey(), transfer(sent))
    wire = base64.b64encode(bytes(VersionedTransaction(message, [wallet]))).decode()
    signer = str(wallet.pubkey())
    database.execute_sql(STORE_TRANSFERS, (signer, signer, wire))
    runner.up()
    named = {(bytes(account), name) for account, name in database.execute_sql(NAMED).fetchall()}
    assert named == {
        (bytes(wallet.pubkey()), "airdrop"),
        *((bytes(key), "transfer") for key in message.account_keys),
    }
    runner.down("0021_domains")
    runner.up()
    assert len(database.execute_sql(NAMED).fetchall()) == len(named)
