-- The statements of the journal, prepared once on its connection, each in two forms:
-- for rows that concern money, under a name that ends in _funded, and for all other rows, which pay
-- nothing for it. What stands between `-- money:` and `-- :money` is in the first form alone, what
-- stands between `-- no money:` and `-- :no money` in the second.

-- Plans are made for any number of rows: without these settings those for few would scan the table.
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;

-- Locks wallets, in order. It runs in the transaction of the next statement, but before it: so that
-- one reads the newest state of these wallets, and nobody changes their money meanwhile.
PREPARE lock_wallets (text[]) AS
SELECT address FROM wallets WHERE address = ANY ($1) ORDER BY address FOR NO KEY UPDATE;

-- New orders with their first event. Those whose idempotency key is held are left out, and so are
-- those whose wallet has not enough: they come back with what they need and what is available.
-- Rows of one wallet are of one group, spend one token and have one key, in the name of the one
-- that is its key_order: they are stored together or not at all.
PREPARE place (json, timestamptz) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        id uuid, account_id uuid, user_id text, type text, side text, token_in text,
        token_out text, amount_in numeric, max_slippage_bps integer, limit_price numeric,
        stop_price numeric, min_liquidity numeric, expires_at timestamptz, oco_group uuid,
        status text, due_at timestamptz, at timestamptz, data jsonb,
        key_scope text, key text, key_hash text, key_expires_at timestamptz, key_order uuid,
        wallet text, hold numeric, signed_transaction jsonb, scenario text,
        client_order_id text, client_scope text, client_hash text)
-- money:
), asked AS MATERIALIZED (
    -- Orders of one group share one hold, the largest; one of those that are new takes it.
    SELECT input.id, input.wallet, input.token_in AS mint,
        row_number() OVER (PARTITION BY input.wallet ORDER BY input.id) = 1 AS takes,
        greatest(max(input.hold) OVER (PARTITION BY input.wallet) - coalesce((
            SELECT max(member.hold) FROM orders AS member
            WHERE member.oco_group = input.oco_group AND member.wallet = input.wallet
                AND member.token_in = input.token_in AND member.outcome IS NULL), 0), 0) AS needed,
        coalesce(balances.total - balances.held, 0) AS available
    FROM input LEFT JOIN balances
        ON balances.wallet = input.wallet AND balances.mint = input.token_in
    WHERE input.hold IS NOT NULL
-- :money
), allowed AS NOT MATERIALIZED (
    SELECT * FROM input
-- money:
    WHERE hold IS NULL OR id IN (SELECT id FROM asked WHERE needed <= available)
-- :money
), keyed AS (
    INSERT INTO idempotency_keys AS held (scope, key, payload_hash, order_id, expires_at)
    SELECT key_scope, key, key_hash, id, key_expires_at FROM allowed WHERE key IS NOT NULL AND id = key_order
    ORDER BY key_scope, key
    ON CONFLICT (scope, key) DO UPDATE
    SET payload_hash = excluded.payload_hash, order_id = excluded.order_id,
        expires_at = excluded.expires_at
    WHERE held.expires_at <= $2
    RETURNING order_id
), placed AS (
    INSERT INTO orders (id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        sequence, due_at, created_at, updated_at, in_flight, rests_until, trigger_price, wallet,
        hold, signed_transaction, scenario, client_order_id)
    SELECT id, account_id, user_id, type, side, token_in, token_out, amount_in,
        max_slippage_bps, limit_price, stop_price, min_liquidity, expires_at, oco_group, status,
        1, due_at, at, at, status = 'pending', CASE status WHEN 'open' THEN due_at END,
        CASE status WHEN 'open' THEN coalesce(limit_price, stop_price, min_liquidity) END,
        wallet, hold, signed_transaction, scenario, client_order_id
    FROM allowed WHERE key IS NULL OR key_order IN (SELECT order_id FROM keyed)
    RETURNING id
), named AS (
    -- One that is taken breaks the statement: nothing of the order may be stored.
    INSERT INTO client_order_ids (scope, client_order_id, payload_hash, order_id)
    SELECT client_scope, client_order_id, client_hash, id
    FROM allowed WHERE client_order_id IS NOT NULL
        AND (key IS NULL OR key_order IN (SELECT order_id FROM keyed))
    ORDER BY client_scope, client_order_id
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, 1, status, at, data
    FROM allowed WHERE key IS NULL OR key_order IN (SELECT order_id FROM keyed)
-- money:
), reserved AS (
    UPDATE balances SET held = balances.held + asked.needed
    FROM asked JOIN placed USING (id)
    WHERE balances.wallet = asked.wallet AND balances.mint = asked.mint AND asked.takes
    RETURNING asked.id, balances.wallet, balances.mint, balances.total, balances.held
), numbered AS (
    UPDATE wallets SET sequence = wallets.sequence + 1
    FROM reserved WHERE address = reserved.wallet
    RETURNING address, wallets.sequence, reserved.id, reserved.mint, reserved.total, reserved.held
), told AS (
    INSERT INTO wallet_events (wallet, sequence, at, causes, balances)
    SELECT address, sequence, $2,
        jsonb_build_array(jsonb_build_object('kind', 'hold', 'id', id)),
        jsonb_build_array(jsonb_build_object('mint', mint, 'total', total, 'held', held))
    FROM numbered
-- :money
)
SELECT id, NULL::numeric AS needed, NULL::numeric AS available FROM placed
-- money:
UNION ALL
SELECT id, needed, available FROM asked WHERE needed > available
-- :money
;

-- New terms of open orders, whose status stays as it is: fenced by sequence, told by an event. A hold
-- follows the amount. Those whose wallet has not enough come back with what they need more and what
-- is available. No two rows are of one wallet.
PREPARE amend (json, integer) AS
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        id uuid, expected integer, at timestamptz, due_at timestamptz, data jsonb,
        amount_in numeric, max_slippage_bps integer, limit_price numeric, stop_price numeric,
        min_liquidity numeric, expires_at timestamptz, hold numeric)
-- money:
), asked AS MATERIALIZED (
    -- Orders of one group share one hold, the largest.
    SELECT orders.id, orders.wallet, orders.token_in AS mint,
        greatest(input.hold, others.hold) - greatest(orders.hold, others.hold) AS needed,
        coalesce(balances.total - balances.held, 0) AS available
    FROM input JOIN orders USING (id)
    CROSS JOIN LATERAL (
        SELECT coalesce(max(member.hold), 0) AS hold FROM orders AS member
        WHERE member.oco_group = orders.oco_group AND member.wallet = orders.wallet
            AND member.token_in = orders.token_in AND member.outcome IS NULL
            AND member.id <> orders.id) AS others
    LEFT JOIN balances ON balances.wallet = orders.wallet AND balances.mint = orders.token_in
    WHERE orders.status = 'open' AND orders.sequence = input.expected
        AND orders.hold IS NOT NULL AND input.hold IS NOT NULL
-- :money
), amended AS (
    UPDATE orders SET
        sequence = orders.sequence + 1, updated_at = input.at,
        due_at = input.due_at, rests_until = input.due_at,
        amount_in = coalesce(input.amount_in, orders.amount_in),
        max_slippage_bps = coalesce(input.max_slippage_bps, orders.max_slippage_bps),
        limit_price = coalesce(input.limit_price, orders.limit_price),
        stop_price = coalesce(input.stop_price, orders.stop_price),
        min_liquidity = coalesce(input.min_liquidity, orders.min_liquidity),
        expires_at = coalesce(input.expires_at, orders.expires_at),
        trigger_price = coalesce(
            input.limit_price, input.stop_price, input.min_liquidity, orders.trigger_price)
-- money:
        , hold = CASE WHEN orders.hold IS NOT NULL THEN coalesce(input.hold, orders.hold) END
-- :money
    FROM input
    WHERE orders.id = input.id AND orders.status = 'open' AND orders.sequence = input.expected
-- money:
        AND input.id NOT IN (SELECT id FROM asked WHERE needed > available)
-- :money
-- no money:
        -- Whoever does not know that an order is funded must not change what it spends.
        AND (orders.hold IS NULL OR input.amount_in IS NULL)
-- :no money
    RETURNING orders.id, orders.sequence, input.at, input.data
), logged AS (
    INSERT INTO order_events (order_id, sequence, status, at, data)
    SELECT id, sequence, 'open', at, data FROM amended
-- money:
), resized AS (
    UPDATE balances SET held = balances.held + asked.needed
    FROM asked JOIN amended USING (id)
    WHERE balances.wallet = asked.wallet AND balances.mint = asked.mint AND asked.needed <> 0
    RETURNING asked.id, amended.at, asked.needed, balances.wallet, balances.mint, balances.total,
        balances.held
), numbered AS (
    UPDATE wallets SET sequence = wallets.sequence + 1
    FROM resized WHERE address = resized.wallet
    RETURNING address, wallets.sequence, resized.id, resized.at, resized.needed, resized.mint,
        resized.total, resized.held
), told AS (
    INSERT INTO wallet_events (wallet, sequence, at, causes, balances)
    SELECT address, sequence, at,
        jsonb_build_array(jsonb_build_object(
            'kind', CASE WHEN needed > 0 THEN 'hold' ELSE 'release' END, 'id', id)),
        jsonb_build_array(jsonb_build_object('mint', mint, 'total', total, 'held', held))
    FROM numbered
-- :money
)
SELECT id, NULL::numeric AS needed, NULL::numeric AS available FROM amended
-- money:
UNION ALL
SELECT id, needed, available FROM asked WHERE needed > available
-- :money
;

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
        fail_reason text, cancelled_by jsonb, oco_group uuid, oco_owner text, units_out numeric)
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
        fail_code = input.fail_code, fail_reason = input.fail_reason,
        cancelled_by = input.cancelled_by
    FROM input
    WHERE input.kind = 'advance' AND orders.id = input.id
        AND orders.sequence = input.expected AND orders.status = input.previous
        AND (input.oco_group IS NULL OR input.id IN (SELECT winner FROM won))
-- no money:
        -- Whoever does not know that an order is funded must not end it.
        AND (orders.hold IS NULL
            OR input.status NOT IN ('confirmed', 'failed', 'cancelled', 'expired'))
-- :no money
    RETURNING orders.id, input.expected, orders.outcome, input.at, input.events,
        orders.wallet, orders.hold, orders.token_in, orders.token_out, orders.oco_group,
        orders.dex_used, input.units_out, orders.signed_transaction
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
-- money:
), ended AS MATERIALIZED (
    SELECT * FROM advanced WHERE outcome IS NOT NULL AND hold IS NOT NULL
), paid AS MATERIALIZED (
    -- What a signed transaction moves beside its swap: held until the end, moved if the swap fills.
    SELECT ended.outcome, ended.at, ended.wallet AS payer,
        (signed_transaction ->> 'payments_id')::uuid AS id, payment.*
    FROM ended, jsonb_to_recordset(signed_transaction -> 'payments')
        AS payment (wallet text, mint text, amount numeric)
), shared AS MATERIALIZED (
    -- One that was executed decides its group for good: what the others hold is of no use.
    SELECT wallet, token_in, oco_group, bool_or(outcome IN ('confirmed', 'failed')) AS decided
    FROM ended WHERE oco_group IS NOT NULL GROUP BY wallet, token_in, oco_group
), released AS (
    SELECT wallet, token_in AS mint, hold AS held FROM ended WHERE oco_group IS NULL
    UNION ALL
    -- What the group held, less what is held by those of it that go on.
    SELECT shared.wallet, shared.token_in, max(member.hold) - coalesce(max(member.hold) FILTER (
        WHERE NOT shared.decided AND member.id NOT IN (SELECT id FROM ended)), 0)
    FROM shared JOIN orders AS member USING (oco_group, wallet, token_in)
    WHERE member.outcome IS NULL
    GROUP BY shared.wallet, shared.token_in, shared.oco_group
    UNION ALL
    SELECT wallet, mint, -amount FROM paid WHERE wallet = payer AND amount < 0
), left_unfunded AS (
    UPDATE orders SET hold = NULL
    FROM shared WHERE shared.decided AND orders.oco_group = shared.oco_group
        AND orders.wallet = shared.wallet AND orders.token_in = shared.token_in
        AND orders.outcome IS NULL AND orders.id NOT IN (SELECT id FROM advanced)
), swapped AS MATERIALIZED (
    SELECT *, 'pool:' || dex_used AS pool FROM ended WHERE outcome = 'confirmed'
), transferred AS (
    INSERT INTO transfers (id, kind, at)
    SELECT id, 'swap', at FROM swapped
    UNION
    SELECT id, 'transfer', at FROM paid WHERE outcome = 'confirmed'
), entries AS MATERIALIZED (
    SELECT id, wallet, token_in AS mint, -hold AS amount FROM swapped
    UNION ALL SELECT id, pool, token_in, hold FROM swapped
    UNION ALL SELECT id, pool, token_out, -units_out FROM swapped
    UNION ALL SELECT id, wallet, token_out, units_out FROM swapped
    UNION ALL SELECT id, wallet, mint, amount FROM paid WHERE outcome = 'confirmed'
), causes AS MATERIALIZED (
    SELECT wallet, at, id, CASE outcome WHEN 'confirmed' THEN 'swap' ELSE 'release' END AS kind
    FROM ended
    UNION
    SELECT wallet, at, id, 'transfer' FROM paid WHERE outcome = 'confirmed'
), numbered AS (
    UPDATE wallets SET sequence = wallets.sequence + 1
    WHERE address IN (SELECT wallet FROM causes)
    RETURNING address, sequence
), entered AS (
    INSERT INTO ledger_entries (transfer_id, wallet, mint, amount, sequence)
    SELECT id, wallet, mint, amount, sequence FROM entries LEFT JOIN numbered ON address = wallet
), changes AS MATERIALIZED (
    SELECT wallet, mint, sum(total) AS total, sum(held) AS held FROM (
        SELECT wallet, mint, amount AS total, 0 AS held
        FROM entries JOIN numbered ON address = wallet
        UNION ALL
        SELECT wallet, mint, 0, -held FROM released) AS change
    GROUP BY wallet, mint
), updated AS (
    UPDATE balances SET
        total = balances.total + changes.total, held = balances.held + changes.held
    FROM changes WHERE balances.wallet = changes.wallet AND balances.mint = changes.mint
    RETURNING balances.wallet, balances.mint, balances.total, balances.held
), inserted AS (
    INSERT INTO balances (wallet, mint, total, held)
    SELECT wallet, mint, total, held FROM changes WHERE NOT EXISTS (
        SELECT FROM balances AS known
        WHERE known.wallet = changes.wallet AND known.mint = changes.mint)
    RETURNING wallet, mint, total, held
), told AS (
    INSERT INTO wallet_events (wallet, sequence, at, causes, balances)
    SELECT address, sequence,
        (SELECT max(at) FROM causes WHERE wallet = address),
        (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'id', id) ORDER BY id)
        FROM causes WHERE wallet = address),
        (SELECT jsonb_agg(jsonb_build_object('mint', mint, 'total', total, 'held', held)
            ORDER BY mint)
        FROM (SELECT * FROM updated UNION ALL SELECT * FROM inserted) AS after
        WHERE wallet = address)
    FROM numbered
-- :money
)
SELECT id, {claimed} FROM claimed
UNION ALL
SELECT ids.id, {claimed} FROM (SELECT id FROM advanced) AS ids LEFT JOIN claimed ON false;
