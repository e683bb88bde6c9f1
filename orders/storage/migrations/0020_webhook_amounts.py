"""Whether an endpoint's bodies have amounts as numbers or as strings."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

AMOUNTS = """
ALTER TABLE webhook_endpoints ADD COLUMN amounts text NOT NULL DEFAULT 'number'
    CHECK (amounts IN ('number', 'string'))
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(AMOUNTS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE webhook_endpoints DROP COLUMN amounts")
