"""Who or what cancelled an order; for earlier orders it is taken from their last event."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

CANCELLED_BY = """
ALTER TABLE orders ADD COLUMN cancelled_by jsonb;
UPDATE orders SET cancelled_by = event.data
FROM order_events AS event
WHERE orders.outcome = 'cancelled' AND event.order_id = orders.id
    AND event.sequence = orders.sequence AND event.data ? 'reason';
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(CANCELLED_BY)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE orders DROP COLUMN cancelled_by")
