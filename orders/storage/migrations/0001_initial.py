"""Accounts, orders, the append-only event log, idempotency keys, counters, token launches.

docs/database.md explains every column and index.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

ORDERS = """
CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE orders (
    id                      uuid PRIMARY KEY,
    account_id              uuid REFERENCES accounts (id),
    user_id                 text,
    type                    text NOT NULL CHECK (type IN ('market', 'limit', 'stop', 'sniper')),
    side                    text CHECK (side IN ('buy', 'sell')),
    token_in                text NOT NULL,
    token_out               text NOT NULL CHECK (token_out <> token_in),
    amount_in               numeric NOT NULL CHECK (amount_in > 0),
    max_slippage_bps        integer NOT NULL CHECK (max_slippage_bps BETWEEN 0 AND 10000),
    limit_price             numeric CHECK (limit_price > 0),
    stop_price              numeric CHECK (stop_price > 0),
    min_liquidity           numeric CHECK (min_liquidity >= 0),
    expires_at              timestamptz,
    oco_group               uuid,
    status                  text NOT NULL CHECK (status IN (
                                'open', 'pending', 'routing', 'building', 'submitted',
                                'confirmed', 'failed', 'cancelled', 'expired')),
    sequence                integer NOT NULL CHECK (sequence > 0),
    attempts                integer NOT NULL DEFAULT 0,
    recoveries              integer NOT NULL DEFAULT 0,
    due_at                  timestamptz,
    lease_owner             text,
    dex_used                text,
    min_amount_out          numeric,
    amount_out              numeric,
    executed_price          numeric,
    tx_hash                 text,
    last_valid_block_height bigint,
    transaction             jsonb,
    fail_code               text,
    fail_reason             text,
    created_at              timestamptz NOT NULL,
    updated_at              timestamptz NOT NULL,
    outcome                 text GENERATED ALWAYS AS (
                                CASE WHEN status IN ('confirmed', 'failed', 'cancelled', 'expired')
                                THEN status END) STORED,
    trigger_price           numeric GENERATED ALWAYS AS (
                                CASE WHEN status = 'open'
                                THEN coalesce(limit_price, stop_price, min_liquidity) END) STORED,
    CHECK ((type = 'limit') = (limit_price IS NOT NULL)),
    CHECK ((type = 'stop') = (stop_price IS NOT NULL)),
    CHECK ((type = 'sniper') = (min_liquidity IS NOT NULL)),
    CHECK ((type = 'market') = (expires_at IS NULL)),
    CHECK (status NOT IN ('confirmed', 'failed', 'cancelled', 'expired') OR due_at IS NULL),
    CHECK ((lease_owner IS NOT NULL) = (status IN ('routing', 'building', 'submitted')))
) WITH (fillfactor = 70);

CREATE INDEX orders_account ON orders (account_id, id);
CREATE INDEX orders_outcome ON orders (outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_trigger ON orders (token_in, token_out, type, trigger_price)
    WHERE trigger_price IS NOT NULL;
CREATE INDEX orders_oco ON orders (oco_group) WHERE oco_group IS NOT NULL;

CREATE TABLE order_events (
    order_id uuid NOT NULL,
    sequence integer NOT NULL CHECK (sequence > 0),
    status   text NOT NULL,
    at       timestamptz NOT NULL,
    data     jsonb NOT NULL,
    PRIMARY KEY (order_id, sequence)
);

CREATE FUNCTION refuse_change_of_order_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('orders.pruning', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'order_events is append-only: %% refused', TG_OP;
END $$;
CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE ON order_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_order_events();
CREATE TRIGGER order_events_no_truncate BEFORE TRUNCATE ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_order_events();

CREATE TABLE idempotency_keys (
    scope        text NOT NULL,
    key          text NOT NULL,
    payload_hash text NOT NULL,
    order_id     uuid NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE order_counters (
    shard   integer NOT NULL,
    outcome text NOT NULL,
    total   bigint NOT NULL,
    PRIMARY KEY (shard, outcome)
) WITH (fillfactor = 50);

CREATE TABLE launches (
    mint          text PRIMARY KEY,
    symbol        text NOT NULL UNIQUE,
    decimals      integer NOT NULL CHECK (decimals BETWEEN 0 AND 9),
    price_usd     numeric NOT NULL CHECK (price_usd > 0),
    liquidity_usd numeric NOT NULL CHECK (liquidity_usd > 0),
    live_at       timestamptz NOT NULL,
    created_at    timestamptz NOT NULL
);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(ORDERS)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(
        "DROP TABLE launches, order_counters, idempotency_keys, order_events, orders, accounts;"
        "DROP FUNCTION refuse_change_of_order_events;"
    )
