"""Clients' own ids of orders, each used once for ever; lists by an anonymous caller's label."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

CLIENT_ORDER_IDS = """
ALTER TABLE orders ADD COLUMN client_order_id text;
CREATE TABLE client_order_ids (
    scope           text NOT NULL,
    client_order_id text NOT NULL,
    payload_hash    text NOT NULL,
    order_id        uuid NOT NULL,
    PRIMARY KEY (scope, client_order_id)
);
CREATE INDEX orders_label ON orders (user_id, id) WHERE user_id IS NOT NULL;
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(CLIENT_ORDER_IDS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(
        "DROP INDEX orders_label; DROP TABLE client_order_ids; "
        "ALTER TABLE orders DROP COLUMN client_order_id"
    )
