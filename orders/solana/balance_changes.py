"""A landed transaction's effect on its signer's balances, read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from orders.solana.history import Landed
from orders.storage.database import connection, database

CHANGES = """
WITH this AS (
    SELECT transfer_id, sequence FROM ledger_entries
    WHERE wallet = %(wallet)s AND (transfer_id = %(order)s OR (%(order)s IS NULL AND sequence = (
        SELECT wallet_sequence FROM chain.transfers WHERE signature = %(signature)s)))
    LIMIT 1
)
SELECT mint, sum(amount), sum(amount) FILTER (WHERE entry.transfer_id = this.transfer_id)
FROM ledger_entries AS entry, this
WHERE entry.wallet = %(wallet)s AND entry.sequence <= this.sequence
GROUP BY mint
"""
"""The transfer of an order has the order's id; any other is found by its number among the changes
of its wallet.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Base units before and after."""

    before: int
    after: int


def of(found: Landed, wallet: str) -> dict[str, Change]:
    """The changes by mint; empty if nothing moved. Raises `StoreUnavailable`."""
    arguments = {"wallet": wallet, "order": found.order_id, "signature": found.signature}
    with connection():
        rows = database.execute_sql(CHANGES, arguments).fetchall()
    return {mint: Change(int(after) - int(change or 0), int(after)) for mint, after, change in rows}
