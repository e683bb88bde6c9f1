"""The mock chain's own ledger, in a schema of its own."""

from orders.dex.mock_chain import LEDGER_DDL


def up(migrator, db):
    db.execute_sql(LEDGER_DDL)


def down(migrator, db):
    db.execute_sql("DROP SCHEMA chain CASCADE")
