"""Sessions: one for each log-in, so that tokens can be taken back.

Tokens that were given out before have no session; `sessions_from` takes all of an account's back.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

SESSIONS = """
ALTER TABLE accounts ADD COLUMN sessions_from timestamptz;
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    user_agent   text,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(SESSIONS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql("DROP TABLE sessions; ALTER TABLE accounts DROP COLUMN sessions_from")
