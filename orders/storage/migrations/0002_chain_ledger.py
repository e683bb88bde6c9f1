"""The mock chain's own ledger, in a schema of its own."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

from orders.chain.simulated_chain import LEDGER_DDL


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(LEDGER_DDL)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP SCHEMA chain CASCADE")
