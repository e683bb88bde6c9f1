"""Wallets, balances and the ledger, for existing accounts and living orders, too.

docs/accounts.md explains them. Living orders of accounts hold what they spend, oldest first, as far
as the opening balance reaches; the others stay unfunded.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from peewee import Database
from playhouse.migrate import SchemaMigrator

from orders.config import load_settings
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import LISTED, TOKENS

MONEY = """
ALTER TABLE orders ADD COLUMN wallet text, ADD COLUMN hold numeric(39, 0);

CREATE TABLE wallets (
    address        text PRIMARY KEY,
    account_id     uuid UNIQUE REFERENCES accounts (id),
    sequence       bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    epoch          integer NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    epoch_sequence bigint NOT NULL DEFAULT 0,
    epoch_at       timestamptz NOT NULL,
    created_at     timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE balances (
    wallet text NOT NULL REFERENCES wallets (address),
    mint   text NOT NULL,
    total  numeric(39, 0) NOT NULL,
    held   numeric(39, 0) NOT NULL CHECK (held >= 0),
    PRIMARY KEY (wallet, mint),
    CHECK (total >= held)
) WITH (fillfactor = 50);

CREATE TABLE transfers (
    id   uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('faucet', 'swap', 'reset', 'transfer')),
    at   timestamptz NOT NULL
);
CREATE INDEX transfers_faucet ON transfers (at) WHERE kind = 'faucet';

CREATE TABLE ledger_entries (
    transfer_id uuid NOT NULL,
    wallet      text NOT NULL,
    mint        text NOT NULL,
    amount      numeric(39, 0) NOT NULL,
    sequence    bigint,
    PRIMARY KEY (transfer_id, wallet, mint)
);
CREATE INDEX ledger_entries_wallet ON ledger_entries (wallet, sequence, transfer_id)
    WHERE sequence IS NOT NULL;

CREATE TABLE wallet_events (
    wallet   text NOT NULL,
    sequence bigint NOT NULL,
    at       timestamptz NOT NULL,
    causes   jsonb NOT NULL,
    balances jsonb NOT NULL,
    PRIMARY KEY (wallet, sequence)
);
CREATE INDEX wallet_events_age ON wallet_events USING brin (at);

CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%% is append-only: %% refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
"""
NO_MONEY = """
DROP TABLE wallet_events, ledger_entries, transfers, balances, wallets;
DROP FUNCTION refuse_change_of_ledger;
ALTER TABLE orders DROP COLUMN wallet, DROP COLUMN hold;
"""
LIVING = """
SELECT id, account_id, token_in, amount_in, oco_group FROM orders
WHERE account_id IS NOT NULL AND outcome IS NULL ORDER BY id
"""

Holds = dict[tuple[str, UUID], int]
"""Base units that the orders of one mint and group hold together. An order without a group is a
group under its own id.
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(MONEY)
    opening = _opening_balances(load_settings().paper_balances)
    living: dict[UUID, list[Any]] = defaultdict(list)
    for order_id, account_id, mint, amount_in, group in db.execute_sql(LIVING).fetchall():
        living[account_id].append((order_id, mint, amount_in, group or order_id))
    for (account_id,) in db.execute_sql("SELECT id FROM accounts ORDER BY id").fetchall():
        held = _hold(db, account_wallet(account_id), living[account_id], opening)
        _open(db, account_id, opening, held)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(NO_MONEY)


def _opening_balances(text: str) -> dict[str, int]:
    by_symbol = {token.symbol.upper(): token for token in TOKENS}
    found = {}
    for part in text.split(","):
        symbol, _, amount = part.strip().partition(":")
        if symbol:
            token = by_symbol[symbol.strip().upper()]
            found[token.mint] = token.to_base(Decimal(amount.strip()))
    return {mint: units for mint, units in found.items() if units}


def _hold(db: Database, wallet: str, orders: list[Any], opening: dict[str, int]) -> dict[str, int]:
    """Lets the orders hold what they spend until the balance is used up; returns the amount held of
    each mint.
    """
    held: dict[str, int] = defaultdict(int)
    groups: Holds = defaultdict(int)
    for order_id, mint, amount_in, group in orders:
        units = LISTED[mint].to_base(amount_in) if mint in LISTED else None
        if units is not None:
            more = max(units - groups[mint, group], 0)
            if held[mint] + more <= opening.get(mint, 0):
                held[mint] += more
                groups[mint, group] += more
            else:
                units = None
        db.execute_sql(
            "UPDATE orders SET wallet = %s, hold = %s WHERE id = %s", (wallet, units, order_id)
        )
    return held


def _open(db: Database, account_id: UUID, opening: dict[str, int], held: dict[str, int]) -> None:
    wallet, transfer = account_wallet(account_id), uuid4()
    db.execute_sql(
        "INSERT INTO wallets (address, account_id, sequence, epoch, epoch_sequence, epoch_at, "
        "created_at) VALUES (%s, %s, 1, 1, 1, now(), now())",
        (wallet, account_id),
    )
    db.execute_sql("INSERT INTO transfers VALUES (%s, 'reset', now())", (transfer,))
    for mint, units in opening.items():
        db.execute_sql(
            "INSERT INTO balances VALUES (%s, %s, %s, %s)", (wallet, mint, units, held.get(mint, 0))
        )
        db.execute_sql(
            "INSERT INTO ledger_entries VALUES (%s, %s, %s, %s, 1), (%s, 'faucet', %s, %s, NULL)",
            (transfer, wallet, mint, units, transfer, mint, -units),
        )
    db.execute_sql(
        "INSERT INTO wallet_events SELECT %s, 1, now(), "
        """jsonb_build_array(jsonb_build_object('kind', 'reset', 'id', %s::text)), """
        "coalesce(jsonb_agg(jsonb_build_object('mint', mint, 'total', total, 'held', held)), '[]') "
        "FROM balances WHERE wallet = %s",
        (wallet, str(transfer), wallet),
    )
