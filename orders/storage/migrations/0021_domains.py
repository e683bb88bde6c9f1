"""Columns of orders and events say what they may hold: domains, and one CHECK on the lease.

A domain's condition is compiled once a session, a CHECK's with every statement; so domains stand
wherever one column is concerned (docs/decisions/0024). Columns change to bare domains first, which
rewrites no row. The conditions follow, and PostgreSQL reads the tables once to check them.
"""

from collections.abc import Callable

from peewee import Database
from playhouse.migrate import SchemaMigrator

DOMAINS = {
    "order_status": (
        "text",
        "VALUE IN ('open', 'pending', 'routing', 'building', 'submitted', 'confirmed', 'failed', "
        "'cancelled', 'expired')",
    ),
    "positive_amount": ("numeric", "VALUE > 0"),
    "amount": ("numeric", "VALUE >= 0"),
    "basis_points": ("integer", "VALUE BETWEEN 0 AND 10000"),
    "positive_integer": ("integer", "VALUE > 0"),
    "natural_number": ("integer", "VALUE >= 0"),
}
"""For each domain its base type and its condition."""

COLUMNS = {
    "orders": {
        "status": "order_status",
        "amount_in": "positive_amount",
        "limit_price": "positive_amount",
        "stop_price": "positive_amount",
        "min_liquidity": "amount",
        "min_amount_out": "amount",
        "amount_out": "amount",
        "executed_price": "amount",
        "hold": "amount",
        "max_slippage_bps": "basis_points",
        "sequence": "positive_integer",
        "attempts": "natural_number",
        "recoveries": "natural_number",
    },
    "order_events": {"status": "order_status", "sequence": "positive_integer"},
}
LEASE = "(lease_owner IS NOT NULL) = (status IN ('routing', 'building', 'submitted'))"


def up(_migrator: SchemaMigrator, db: Database) -> None:
    for name, (base, _) in DOMAINS.items():
        db.execute_sql(f"CREATE DOMAIN {name} AS {base}")
    _change_types(db, str)
    for name, (_, condition) in DOMAINS.items():
        db.execute_sql(f"ALTER DOMAIN {name} ADD CONSTRAINT {name}_holds CHECK ({condition})")
    db.execute_sql(f"ALTER TABLE orders ADD CONSTRAINT orders_lease_check CHECK ({LEASE})")


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE orders DROP CONSTRAINT orders_lease_check")
    _change_types(db, lambda domain: DOMAINS[domain][0])
    for name in DOMAINS:
        db.execute_sql(f"DROP DOMAIN {name}")


def _change_types(db: Database, type_of: Callable[[str], str]) -> None:
    for table, columns in COLUMNS.items():
        changes = ", ".join(
            f"ALTER COLUMN {column} TYPE {type_of(domain)}" for column, domain in columns.items()
        )
        db.execute_sql(f"ALTER TABLE {table} {changes}")
