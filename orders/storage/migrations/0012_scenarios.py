"""An order's scenario, and the transactions that the simulated chain has forgotten once."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

SCENARIOS = """
ALTER TABLE orders ADD COLUMN scenario text;
CREATE TABLE chain.forgotten (
    signature text        PRIMARY KEY,
    at        timestamptz NOT NULL
);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(SCENARIOS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE chain.forgotten; ALTER TABLE orders DROP COLUMN scenario")
