"""Transactions that wallets sign: columns of orders and of the simulated chain's ledger."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

WALLET_TRANSACTIONS = """
ALTER TABLE orders ADD COLUMN signed_transaction jsonb;
CREATE UNIQUE INDEX orders_signature ON orders ((signed_transaction ->> 'signature'))
    WHERE signed_transaction IS NOT NULL;

ALTER TABLE chain.transactions
    ADD COLUMN IF NOT EXISTS signer text, ADD COLUMN IF NOT EXISTS wire text;
CREATE INDEX transactions_signer ON chain.transactions (signer, slot DESC, signature DESC)
    WHERE signer IS NOT NULL;

CREATE TABLE chain.transfers (
    signature       text PRIMARY KEY,
    signer          text NOT NULL,
    wire            text,
    slot            bigint NOT NULL,
    landed_at       timestamptz NOT NULL,
    wallet_sequence bigint
);
CREATE INDEX transfers_signer ON chain.transfers (signer, slot DESC, signature DESC);

CREATE TABLE chain.limit_orders (
    address  text PRIMARY KEY,
    maker    text NOT NULL,
    order_id uuid NOT NULL
);
CREATE INDEX limit_orders_maker ON chain.limit_orders (maker, order_id);

CREATE TABLE chain.token_accounts (
    address text PRIMARY KEY,
    owner   text NOT NULL,
    mint    text NOT NULL,
    UNIQUE (owner, mint)
);
"""
NO_WALLET_TRANSACTIONS = """
DROP TABLE chain.token_accounts, chain.limit_orders, chain.transfers;
ALTER TABLE chain.transactions DROP COLUMN signer, DROP COLUMN wire;
ALTER TABLE orders DROP COLUMN signed_transaction;
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(WALLET_TRANSACTIONS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(NO_WALLET_TRANSACTIONS)
