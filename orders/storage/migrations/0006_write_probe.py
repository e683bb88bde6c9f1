"""One row that the readiness check writes, to find out whether anything can be stored.

`filler` is stored outside the row and uncompressed, so that each write needs new space, as an order
does.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

WRITE_PROBE = """
CREATE TABLE write_probe (
    id         smallint PRIMARY KEY CHECK (id = 1),
    written_at timestamptz NOT NULL,
    filler     text NOT NULL
);
ALTER TABLE write_probe ALTER filler SET STORAGE EXTERNAL;
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(WRITE_PROBE)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE write_probe")
