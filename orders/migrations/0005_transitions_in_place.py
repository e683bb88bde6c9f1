"""Transitions of a worker touch no index, and a claim reads nothing but its own order.

`orders_due` had to be written at each of them. What it was asked for is now found over the orders
in flight, which are few, and over the resting ones by the time until which they rest.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

INDEXES = """
ALTER TABLE orders
    ADD COLUMN in_flight boolean GENERATED ALWAYS AS (
        CASE WHEN status IN ('pending', 'routing', 'building', 'submitted')
        THEN true END) STORED,
    ADD COLUMN rests_until timestamptz GENERATED ALWAYS AS (
        CASE WHEN status = 'open' THEN due_at END) STORED;
DROP INDEX orders_due;
CREATE INDEX orders_in_flight ON orders (id) WHERE in_flight;
CREATE INDEX orders_expiry ON orders (rests_until) WHERE rests_until IS NOT NULL;
ALTER TABLE orders SET (fillfactor = 50);
"""

PREVIOUS_INDEXES = """
DROP INDEX orders_in_flight, orders_expiry;
ALTER TABLE orders DROP COLUMN in_flight, DROP COLUMN rests_until;
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE orders SET (fillfactor = 70);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(INDEXES)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(PREVIOUS_INDEXES)
