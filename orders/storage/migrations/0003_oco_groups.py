"""The winner of each one-cancels-other group: at most one, ever."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

GROUPS = """
CREATE TABLE oco_groups (
    id     uuid NOT NULL,
    owner  text NOT NULL,
    winner uuid NOT NULL,
    PRIMARY KEY (id, owner)
);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(GROUPS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE oco_groups")
