"""Ordered moves of the simulated market."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

MOVES = """
CREATE TABLE market_moves (
    id             uuid        PRIMARY KEY,
    mint           text        NOT NULL,
    change_percent numeric     NOT NULL CHECK (change_percent > -100),
    starts_at      timestamptz NOT NULL,
    over_seconds   integer     NOT NULL CHECK (over_seconds >= 0),
    hold_seconds   integer     CHECK (hold_seconds >= 0),
    frozen         boolean     NOT NULL,
    ended_at       timestamptz,
    over_at        timestamptz,
    created_at     timestamptz NOT NULL
);
CREATE INDEX market_moves_start ON market_moves (starts_at);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(MOVES)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE market_moves")
