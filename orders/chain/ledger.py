"""The simulated chain's ledger: the transactions it accepted and their outcomes.

It stands for the chain, so it is independent of the orders: its own schema, its own connection.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2 import extensions

# {now} is replaced by the database's clock, or in tests by a parameter ($2).
PREPARE = """
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;
-- Not waited for: the log of this database is one, so what is found here is on disk as soon as
-- anything is that was committed because of it.
SET synchronous_commit = off;

PREPARE send (json, timestamptz) AS
WITH moment AS MATERIALIZED (SELECT {now} AS at),
input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS row(
        signature text, order_id uuid, attempt integer, dex text, token_in_mint text,
        token_out_mint text, amount_in numeric, quoted_amount_out numeric,
        min_amount_out numeric, blockhash text, last_valid bigint, latency interval,
        outcome text, amount_out numeric, signer text, wire text)
), accepted AS (
    INSERT INTO chain.transactions (signature, order_id, attempt, dex, token_in_mint,
        token_out_mint, amount_in, quoted_amount_out, min_amount_out,
        blockhash, last_valid_block_height, accepted_at, lands_at,
        slot, outcome, amount_out, signer, wire)
    SELECT signature, order_id, attempt, dex, token_in_mint,
        token_out_mint, amount_in, quoted_amount_out, min_amount_out,
        blockhash, last_valid, at, at + latency,
        chain.block_height(at + latency), outcome, amount_out, signer, wire
    FROM input, moment
    WHERE chain.block_height(at) <= last_valid
    ORDER BY signature
    ON CONFLICT (signature) DO NOTHING
    RETURNING signature, lands_at, outcome, slot, amount_out
)
SELECT signature, chain.block_height(at) <= last_valid OR known.signature IS NOT NULL,
    extract(epoch FROM coalesce(accepted.lands_at, known.lands_at) - at)::float8,
    coalesce(accepted.outcome, known.outcome), coalesce(accepted.slot, known.slot),
    coalesce(accepted.amount_out, known.amount_out)
FROM moment CROSS JOIN input LEFT JOIN accepted USING (signature)
LEFT JOIN chain.transactions AS known USING (signature);

PREPARE look (json, timestamptz) AS
WITH moment AS MATERIALIZED (SELECT {now} AS at)
SELECT signature, known.outcome IS NOT NULL, extract(epoch FROM lands_at - at)::float8, outcome,
    slot, amount_out,
    chain.block_height(at) > last_valid
FROM moment CROSS JOIN json_to_recordset($1) AS input (signature text, last_valid bigint)
LEFT JOIN chain.transactions AS known USING (signature);

PREPARE forget (json, timestamptz) AS
WITH input AS MATERIALIZED (
    SELECT DISTINCT signature FROM json_to_recordset($1) AS row(signature text)
), forgotten AS (
    INSERT INTO chain.forgotten (signature, at) SELECT signature, {now} FROM input
    ORDER BY signature
    ON CONFLICT (signature) DO NOTHING
    RETURNING signature
)
SELECT signature, forgotten.signature IS NOT NULL FROM input LEFT JOIN forgotten USING (signature);
"""
"""`send` stores transactions that are in time. For each it tells whether it was in time or known,
and its outcome; of a signature that another `send` stores at the same moment, only the former.
`look` tells what the ledger has of signatures, and whether it is too late for them. `forget` tells
of each signature whether it is forgotten now, which happens once.
"""

# PostgreSQL runs statements that are sent together as one transaction. The lock waits for every
# insert in flight; an insert that waits for the lock reads the clock after it, and is too late.
LOCK = "LOCK TABLE chain.transactions IN SHARE ROW EXCLUSIVE MODE; "

FILLED = "filled"
_ENTRIES = """
SELECT signature, order_id::text, attempt, dex, token_in_mint, token_out_mint, amount_in,
    quoted_amount_out, min_amount_out, last_valid_block_height, accepted_at, lands_at, slot,
    outcome, amount_out
FROM chain.transactions
ORDER BY accepted_at, signature
"""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A transaction that the chain accepted; amounts in base units.

    `outcome` is `filled` or the code of the error; `amount_out` is None unless filled.
    """

    signature: str
    order_id: UUID
    attempt: int
    dex: str
    token_in_mint: str
    token_out_mint: str
    amount_in: int
    quoted_amount_out: int
    min_amount_out: int
    last_valid_block_height: int
    accepted_at: datetime
    lands_at: datetime
    slot: int
    outcome: str
    amount_out: int | None


def landed(connection: extensions.connection) -> list[LedgerEntry]:
    """Every filled transaction, oldest first.

    An accepted transaction counts even before its `lands_at`: nothing can stop it.
    """
    return [entry for entry in entries(connection) if entry.outcome == FILLED]


def entries(connection: extensions.connection) -> list[LedgerEntry]:
    """Every transaction the chain accepted, filled or failed, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES)
        return [_entry(row) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    signature, order_id, attempt, dex, mint_in, mint_out, *amounts = row[:9]
    height, accepted_at, lands_at, slot, outcome, amount_out = row[9:]
    amount_in, quoted, minimum = map(int, amounts)
    return LedgerEntry(
        signature, UUID(order_id), attempt, dex, mint_in, mint_out, amount_in, quoted, minimum,
        height, accepted_at, lands_at, slot, outcome,
        None if amount_out is None else int(amount_out),
    )  # fmt: skip
