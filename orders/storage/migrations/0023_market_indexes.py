"""Indexes for what is new of the market: moves that are not over, launches since the last look."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP INDEX market_moves_start")
    db.execute_sql("CREATE INDEX market_moves_over ON market_moves (over_at)")
    db.execute_sql("CREATE INDEX launches_creation ON launches (created_at)")


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP INDEX launches_creation")
    db.execute_sql("DROP INDEX market_moves_over")
    db.execute_sql("CREATE INDEX market_moves_start ON market_moves (starts_at)")
