-- The statements of the journal, prepared once on its connection.

-- Plans are made for any number of rows: without these settings those for few would scan the table.
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;

-- New orders with their first event; those whose idempotency key is held are left out.
PREPARE place (json, timestamptz) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        id uuid, account_id uuid, user_id text, type text, side text, token_in text,
        token_out text, amount_in numeric, max_slippage_bps integer, limit_price numeric,
        stop_price numeric, min_liquidity numeric, expires_at timestamptz, oco_group uuid,
        status text, due_at timestamptz, at timestamptz, data jsonb,
        key_scope text, key text, key_hash text, key_expires_at timestamptz)
), keyed AS (
    INSERT INTO idempotency_keys AS held (scope, key, payload_hash, order_id, expires_at)
    SELECT key_scope, key, key_hash, id, key_expires_at FROM input WHERE key IS NOT NULL
    ORDER BY key_scope, key
    ON CONFLICT (scope, key) DO UPDATE
    SET payload_hash = excluded.payload_hash, order_id = excluded.order_id,
        expires_at = excluded.expires_at
    WHERE held.expires_at <= $2
    RETURNING order_id
), placed AS (
    INSERT INTO orders (id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        sequence, due_at, created_at, updated_at, in_flight, rests_until, trigger_price)
    SELECT id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        1, due_at, at, at, status = 'pending', CASE status WHEN 'open' THEN due_at END,
        CASE status WHEN 'open' THEN coalesce(limit_price, stop_price, min_liquidity) END
    FROM input WHERE key IS NULL OR id IN (SELECT order_id FROM keyed)
    RETURNING id
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, 1, status, at, data
    FROM input WHERE key IS NULL OR id IN (SELECT order_id FROM keyed)
)
SELECT id FROM placed;

-- Changes of known orders' statuses; returns one row for each that took effect. The rows of
-- input are of two kinds:
-- `claim`: a worker takes a pending order that is due, and gets all of it as it is then.
-- `advance`: a transition, fenced by status and sequence. `events` are its steps: usually one,
-- more where statuses are passed through in one commit.
-- CLAIM_RESULT of journal.py stands where a claim's columns are returned.
PREPARE move (json, integer) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        kind text, id uuid, expected integer, previous text, status text, at timestamptz,
        events json, due_at timestamptz, lease_owner text, attempts integer, recoveries integer,
        dex_used text, min_amount_out numeric, amount_out numeric, executed_price numeric,
        tx_hash text, last_valid_block_height bigint, transaction jsonb, fail_code text,
        fail_reason text, oco_group uuid, oco_owner text)
), claimed AS (
    UPDATE orders SET
        status = 'routing', sequence = orders.sequence + 1, attempts = orders.attempts + 1,
        updated_at = input.at, due_at = input.due_at, lease_owner = input.lease_owner
    FROM input JOIN orders AS before USING (id)
    WHERE input.kind = 'claim' AND orders.id = input.id
        AND orders.status = 'pending' AND orders.due_at <= input.at
    RETURNING orders.*, before.updated_at AS pending_since,
        jsonb_build_object('attempt', orders.attempts) AS event_data
), won AS (
    INSERT INTO oco_groups AS held (id, owner, winner)
    SELECT oco_group, oco_owner, id FROM input
    WHERE kind = 'advance' AND oco_group IS NOT NULL
    ORDER BY oco_group, oco_owner
    ON CONFLICT (id, owner) DO UPDATE SET winner = excluded.winner
    WHERE held.winner = excluded.winner OR (
        SELECT outcome IN ('cancelled', 'expired') FROM orders WHERE orders.id = held.winner)
    RETURNING winner
), advanced AS (
    UPDATE orders SET
        status = input.status, updated_at = input.at,
        sequence = orders.sequence + json_array_length(input.events),
        due_at = input.due_at, lease_owner = input.lease_owner,
        in_flight = input.status IN ('pending', 'routing', 'building', 'submitted'),
        outcome = CASE WHEN input.status IN ('confirmed', 'failed', 'cancelled', 'expired')
            THEN input.status END,
        rests_until = CASE input.status WHEN 'open' THEN input.due_at END,
        trigger_price = CASE input.status WHEN 'open'
            THEN coalesce(orders.limit_price, orders.stop_price, orders.min_liquidity) END,
        attempts = coalesce(input.attempts, orders.attempts),
        recoveries = coalesce(input.recoveries, orders.recoveries),
        dex_used = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.dex_used, orders.dex_used) END,
        min_amount_out = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.min_amount_out, orders.min_amount_out) END,
        tx_hash = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.tx_hash, orders.tx_hash) END,
        last_valid_block_height = CASE WHEN input.status NOT IN ('pending', 'open')
            THEN coalesce(input.last_valid_block_height, orders.last_valid_block_height) END,
        transaction = CASE input.status WHEN 'submitted'
            THEN coalesce(input.transaction, orders.transaction) END,
        amount_out = input.amount_out, executed_price = input.executed_price,
        fail_code = input.fail_code, fail_reason = input.fail_reason
    FROM input
    WHERE input.kind = 'advance' AND orders.id = input.id
        AND orders.sequence = input.expected AND orders.status = input.previous
        AND (input.oco_group IS NULL OR input.id IN (SELECT winner FROM won))
    RETURNING orders.id, input.expected, orders.outcome, input.at, input.events
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, sequence, status, updated_at, event_data FROM claimed
    UNION ALL
    SELECT id, expected + step.number, step.event ->> 'status', at, (step.event -> 'data')::jsonb
    FROM advanced, json_array_elements(events) WITH ORDINALITY AS step (event, number)
), counted AS (
    INSERT INTO order_counters AS counter (shard, outcome, total)
    SELECT $2, outcome, count(*) FROM advanced WHERE outcome IS NOT NULL
    GROUP BY outcome ORDER BY outcome
    ON CONFLICT (shard, outcome) DO UPDATE SET total = counter.total + excluded.total
)
SELECT id, {claimed} FROM claimed
UNION ALL
SELECT advanced.id, {claimed} FROM advanced LEFT JOIN claimed ON false;
