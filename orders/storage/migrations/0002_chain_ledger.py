"""The simulated chain's ledger, in a schema of its own."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

LEDGER = """
CREATE SCHEMA IF NOT EXISTS chain;
CREATE TABLE IF NOT EXISTS chain.transactions (
    signature               text        PRIMARY KEY,
    order_id                uuid        NOT NULL,
    attempt                 integer     NOT NULL,
    dex                     text        NOT NULL,
    token_in_mint           text        NOT NULL,
    token_out_mint          text        NOT NULL,
    amount_in               numeric     NOT NULL CHECK (amount_in > 0),
    quoted_amount_out       numeric     NOT NULL CHECK (quoted_amount_out > 0),
    min_amount_out          numeric     NOT NULL CHECK (min_amount_out >= 0),
    blockhash               text        NOT NULL,
    last_valid_block_height bigint      NOT NULL,
    accepted_at             timestamptz NOT NULL,
    lands_at                timestamptz NOT NULL CHECK (lands_at >= accepted_at),
    slot                    bigint      NOT NULL,
    outcome                 text        NOT NULL CHECK (outcome IN ('filled', 'slippage_exceeded')),
    amount_out              numeric     CHECK (amount_out >= min_amount_out),
    CHECK ((outcome = 'filled') = (amount_out IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS transactions_order_id ON chain.transactions (order_id);
CREATE OR REPLACE FUNCTION chain.block_height(at timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN floor((extract(epoch FROM at) - extract(epoch FROM timestamptz '2020-03-16 14:29:00Z'))
                 * 1000000 / 400000);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(LEDGER)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP SCHEMA chain CASCADE")
