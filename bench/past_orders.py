"""Fills the tables quickly with past orders: ended ones and resting ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from orders.market.tokens import TOKENS

CHUNK = 50_000
PAIRS = [(a.mint, b.mint) for a, b in permutations(TOKENS, 2)]

ENDED = """
WITH pairs AS MATERIALIZED (
    SELECT row_number() OVER () - 1 AS number, * FROM unnest(%(ins)s, %(outs)s) AS pair (a, b)
), made AS (
    INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, status,
        sequence, attempts, dex_used, min_amount_out, amount_out, executed_price, tx_hash,
        last_valid_block_height, fail_code, fail_reason, created_at, updated_at, outcome)
    SELECT uuidv7(past), 'market', a, b, 1.5, 100, status, 5, 1, 'meteora', 236.127616,
        CASE status WHEN 'confirmed' THEN 238.512744 END,
        CASE status WHEN 'confirmed' THEN 159.008496 END,
        repeat(md5(n::text), 3), 400000000,
        CASE status WHEN 'failed' THEN 'slippage_exceeded' END,
        CASE status WHEN 'failed' THEN 'The price moved further than allowed.' END,
        now() + past, now() + past, status
    FROM generate_series(%(first)s, %(last)s) AS n
    CROSS JOIN LATERAL (SELECT
        make_interval(secs => (n - 3000000) * 0.5) AS past,
        CASE WHEN n %% 25 = 0 THEN 'failed' ELSE 'confirmed' END AS status) AS fate
    JOIN pairs ON pairs.number = n %% %(pairs)s
    RETURNING id, status, created_at
)
INSERT INTO order_events (order_id, sequence, status, at, data)
SELECT id, step, CASE step WHEN 5 THEN made.status ELSE name END, created_at, data::jsonb
FROM made CROSS JOIN (VALUES
    (1, 'pending', '{"attempt": 1}'), (2, 'routing', '{"attempt": 1}'),
    (3, 'building', '{"chosenDex": "meteora", "minAmountOut": 236.127616}'),
    (4, 'submitted', '{"chosenDex": "meteora", "lastValidBlockHeight": 400000000}'),
    (5, 'end', '{"chosenDex": "meteora", "amountOut": 238.512744}')) AS steps (step, name, data)
"""

RESTING = """
WITH input (token_in, token_out, type, low, high, orders) AS (VALUES %s), made AS (
    INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, limit_price,
        stop_price, expires_at, status, sequence, due_at, created_at, updated_at, rests_until,
        trigger_price)
    SELECT uuidv7(), type, token_in, token_out, 1, 100, CASE type WHEN 'limit' THEN price END,
        CASE type WHEN 'stop' THEN price END, now() + interval '7 days', 'open', 1,
        now() + interval '7 days', now(), now(), now() + interval '7 days', price
    FROM input CROSS JOIN LATERAL (
        SELECT trim_scale(round(low + (high - low) * n / orders, 12)) AS price
        FROM generate_series(1, orders) AS n) AS prices
    RETURNING id, created_at
)
INSERT INTO order_events (order_id, sequence, status, at, data)
SELECT id, 1, 'open', created_at, '{}' FROM made
"""

Band = tuple[str, str, str, Decimal, Decimal, int]
"""Resting orders to make: tokenIn, tokenOut, type, lowest and highest price, count."""


def add_ended(connection: Connection, first: int, last: int) -> Iterator[int]:
    """Stores the ended orders number `first` to `last`, oldest first; reports progress."""
    ins, outs = zip(*PAIRS, strict=True)
    for start in range(first, last + 1, CHUNK):
        end = min(start + CHUNK - 1, last)
        values = {"first": start, "last": end, "pairs": len(PAIRS)}
        with connection.cursor() as cursor:
            cursor.execute(ENDED, {**values, "ins": list(ins), "outs": list(outs)})
        yield end


def add_resting(connection: Connection, bands: Sequence[Band]) -> None:
    """Stores resting orders, evenly over each band."""
    with connection.cursor() as cursor:
        execute_values(
            cursor, RESTING, bands, template="(%s, %s, %s, %s, %s, %s::int)", page_size=20
        )


def settle(connection: Connection) -> None:
    """Runs VACUUM ANALYZE, as autovacuum would soon after."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
