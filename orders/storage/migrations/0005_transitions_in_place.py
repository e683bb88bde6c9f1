"""Transitions touch no index and cost no constraint; a claim reads nothing but its own order.

- `orders_due` had to be written at each transition. What it was asked for is found over the orders
  in flight, which are few, and over the resting ones by the time until which they rest.
- `outcome` and `trigger_price` were generated columns, and fourteen CHECKs stood on an order.
  PostgreSQL reads and compiles all of that anew for each statement; now the journal's statements,
  which alone write orders, compute these columns (docs/decisions/0007).
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

CHECKS = {
    "orders": {
        "type": "type IN ('market', 'limit', 'stop', 'sniper')",
        "side": "side IN ('buy', 'sell')",
        "token": "token_out <> token_in",
        "amount_in": "amount_in > 0",
        "max_slippage_bps": "max_slippage_bps BETWEEN 0 AND 10000",
        "limit_price": "limit_price > 0",
        "stop_price": "stop_price > 0",
        "min_liquidity": "min_liquidity >= 0",
        "status": "status IN ('open', 'pending', 'routing', 'building', 'submitted', "
        "'confirmed', 'failed', 'cancelled', 'expired')",
        "sequence": "sequence > 0",
        "limit": "(type = 'limit') = (limit_price IS NOT NULL)",
        "stop": "(type = 'stop') = (stop_price IS NOT NULL)",
        "sniper": "(type = 'sniper') = (min_liquidity IS NOT NULL)",
        "market": "(type = 'market') = (expires_at IS NULL)",
        "due": "status NOT IN ('confirmed', 'failed', 'cancelled', 'expired') OR due_at IS NULL",
        "lease": "(lease_owner IS NOT NULL) = (status IN ('routing', 'building', 'submitted'))",
    },
    "order_events": {"sequence": "sequence > 0"},
}
"""The CHECKs that this removes, by the names under which undoing it adds them again."""

DROP_CHECKS = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT conrelid::regclass AS relation, conname FROM pg_constraint
        WHERE contype = 'c' AND conrelid IN ('orders'::regclass, 'order_events'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', found.relation, found.conname);
    END LOOP;
END $$;
"""

IN_PLACE = """
ALTER TABLE orders ALTER COLUMN outcome DROP EXPRESSION;
ALTER TABLE orders ALTER COLUMN trigger_price DROP EXPRESSION;
ALTER TABLE orders
    ADD COLUMN in_flight boolean NOT NULL DEFAULT false, ADD COLUMN rests_until timestamptz;
UPDATE orders SET in_flight = true WHERE due_at IS NOT NULL AND status <> 'open';
UPDATE orders SET rests_until = due_at WHERE status = 'open';
DROP INDEX orders_due;
CREATE INDEX orders_in_flight ON orders (id) WHERE in_flight;
CREATE INDEX orders_expiry ON orders (rests_until) WHERE rests_until IS NOT NULL;
ALTER TABLE orders SET (fillfactor = 50);
"""

GENERATED_AGAIN = """
DROP INDEX orders_in_flight, orders_expiry, orders_outcome, orders_trigger;
ALTER TABLE orders DROP COLUMN in_flight, DROP COLUMN rests_until, DROP COLUMN outcome,
    DROP COLUMN trigger_price;
ALTER TABLE orders
    ADD COLUMN outcome text GENERATED ALWAYS AS (
        CASE WHEN status IN ('confirmed', 'failed', 'cancelled', 'expired')
        THEN status END) STORED,
    ADD COLUMN trigger_price numeric GENERATED ALWAYS AS (
        CASE WHEN status = 'open'
        THEN coalesce(limit_price, stop_price, min_liquidity) END) STORED;
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_outcome ON orders (outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX orders_trigger ON orders (token_in, token_out, type, trigger_price)
    WHERE trigger_price IS NOT NULL;
ALTER TABLE orders SET (fillfactor = 70);
"""


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(DROP_CHECKS)
    db.execute_sql(IN_PLACE)


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(GENERATED_AGAIN)
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            db.execute_sql(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_check CHECK ({condition})"
            )
