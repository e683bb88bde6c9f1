"""Indexes for lists filtered by a rare type or pair, whose pages would else read all of history."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

INDEXES = """
CREATE INDEX orders_resting_type ON orders (type, id) WHERE type <> 'market';
CREATE INDEX orders_pair ON orders (token_in, token_out, id);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(INDEXES)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP INDEX orders_resting_type, orders_pair")
