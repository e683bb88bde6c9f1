"""Scenarios of wallets' transactions: set for a wallet, or fixed for a message."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

SCENARIOS = """
CREATE TABLE wallet_scenarios (
    wallet   text PRIMARY KEY,
    scenario text NOT NULL,
    times    integer CHECK (times > 0)
);
CREATE TABLE message_scenarios (
    message                 text PRIMARY KEY,
    scenario                text NOT NULL,
    last_valid_block_height bigint NOT NULL
);
CREATE INDEX message_scenarios_age ON message_scenarios (last_valid_block_height);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(SCENARIOS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE message_scenarios, wallet_scenarios")
