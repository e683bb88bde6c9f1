"""Numbers of the order events that accounts follow: one sequence per account, given after the
events are stored.

Nothing is numbered for accounts that nobody has followed yet.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

ACCOUNT_FEEDS = """
CREATE TABLE account_feed_reader (
    id         smallint PRIMARY KEY CHECK (id = 1),
    read_up_to xid8 NOT NULL,
    read_after timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO account_feed_reader VALUES (1, pg_current_xact_id());

CREATE TABLE account_feeds (
    account_id uuid PRIMARY KEY REFERENCES accounts (id),
    sequence   bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    created_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE account_order_events (
    account_id     uuid NOT NULL,
    sequence       bigint NOT NULL,
    order_id       uuid NOT NULL,
    order_sequence integer NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (account_id, sequence),
    CONSTRAINT account_order_events_order UNIQUE (order_id, order_sequence)
);
CREATE INDEX account_order_events_age ON account_order_events USING brin (at);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(ACCOUNT_FEEDS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE account_order_events, account_feeds, account_feed_reader")
