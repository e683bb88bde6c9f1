"""Deliveries are found through their endpoint alone.

Their ids count over all endpoints. With an index of their own PostgreSQL listed an endpoint's
newest deliveries by reading all newer ones of every other endpoint.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

TABLE = "ALTER TABLE webhook_deliveries"


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(f"{TABLE} DROP CONSTRAINT webhook_deliveries_id_key")


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(f"{TABLE} ADD CONSTRAINT webhook_deliveries_id_key UNIQUE (id)")
