"""Webhooks: their URLs, the pending deliveries, and how far the events have been read.

`order_events.transaction_id` is the transaction that stored the event. Only in its order can rows
be read without missing those that become visible late (docs/decisions/0020). The column is added
without a default, so that no row is rewritten; only new rows get a value.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

WEBHOOKS = """
ALTER TABLE order_events ADD COLUMN transaction_id xid8;
ALTER TABLE order_events ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id();
CREATE INDEX order_events_transaction ON order_events (transaction_id)
    WHERE transaction_id IS NOT NULL;

CREATE TABLE webhook_reader (
    id         smallint PRIMARY KEY CHECK (id = 1),
    read_up_to xid8 NOT NULL,
    read_after timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO webhook_reader VALUES (1, pg_current_xact_id());

CREATE TABLE webhook_endpoints (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL REFERENCES accounts,
    url             text NOT NULL,
    events          text[],
    secret          text NOT NULL,
    old_secret      text,
    old_secret_until timestamptz,
    status          text NOT NULL CHECK (status IN ('active', 'paused', 'failed')),
    failures        integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since   timestamptz,
    last_error      text,
    due_at          timestamptz NOT NULL,
    lease           uuid,
    leased_until    timestamptz,
    created_at      timestamptz NOT NULL
);
CREATE INDEX webhook_endpoints_account ON webhook_endpoints (account_id);

CREATE TABLE webhook_deliveries (
    id              bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    order_id        uuid NOT NULL,
    sequence        integer NOT NULL,
    status          text NOT NULL DEFAULT 'pending'
                    CHECK (status IN ('pending', 'delivered', 'dropped')),
    attempts        integer NOT NULL DEFAULT 0,
    due_at          timestamptz NOT NULL,
    failing_since   timestamptz,
    response_status integer,
    error           text,
    created_at      timestamptz NOT NULL,
    delivered_at    timestamptz,
    PRIMARY KEY (endpoint_id, order_id, sequence)
);
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, attempts, id)
    WHERE status = 'pending';
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);
"""

GONE = """
DROP TABLE webhook_deliveries, webhook_endpoints, webhook_reader;
ALTER TABLE order_events DROP COLUMN transaction_id;
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(WEBHOOKS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(GONE)
