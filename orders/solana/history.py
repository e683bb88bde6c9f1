"""Landed transactions and the orders that they belong to.

What brings a swap is told by its order alone. It counts as landed once the order has ended, too, so
that a balance read next includes it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from solders.pubkey import Pubkey

from orders.solana.execution import SLIPPAGE_EXCEEDED
from orders.solana.signed_transaction import SignedTransaction, instruction_error
from orders.storage.database import connection, database

LANDED = """
SELECT signature, slot, lands_at AS at, swap.outcome = 'filled' AS filled, swap.wire, order_id
FROM chain.transactions AS swap LEFT JOIN orders ON orders.id = order_id
WHERE {condition} AND lands_at <= %(now)s
    AND (orders.id IS NULL OR orders.outcome IS NOT NULL
        OR orders.tx_hash IS DISTINCT FROM signature)
UNION ALL
SELECT signature, slot, landed_at, true, wire, NULL
FROM chain.transfers AS plain
WHERE {condition} AND NOT EXISTS (
    SELECT FROM orders WHERE signed_transaction ->> 'signature' = plain.signature)
"""
BY_SIGNATURE = LANDED.format(condition="signature = ANY(%(signatures)s)")
# A list never gets an older entry later: it ends before the first swap that has landed while its
# order has not ended yet.
LISTED = """
WITH unsettled AS MATERIALIZED (
    SELECT coalesce(min(lands_at), 'infinity') AS at
    FROM orders JOIN chain.transactions ON signature = tx_hash
    JOIN chain.account_transactions AS named USING (signature)
    WHERE in_flight AND signed_transaction IS NOT NULL
        AND named.account = %(account)s AND named.at = lands_at
), page AS MATERIALIZED (
    SELECT at, signature FROM chain.account_transactions
    WHERE account = %(account)s AND at <= %(now)s AND at < (SELECT at FROM unsettled)
        AND (at, signature) > (%(until_at)s, %(until)s)
        AND (at, signature) < (%(before_at)s, %(before)s)
    ORDER BY at DESC, signature DESC LIMIT %(limit)s
)
SELECT landed.* FROM page CROSS JOIN LATERAL ({landed}) AS landed
WHERE landed.at = page.at
ORDER BY page.at DESC, page.signature DESC
"""
OF_ACCOUNT = LISTED.format(landed=LANDED.format(condition="signature = page.signature"))
FIND_ORDER = "SELECT id FROM orders WHERE signed_transaction ->> 'signature' = %s"
ENDED = """
SELECT EXISTS (SELECT FROM orders
    WHERE signed_transaction ->> 'signature' = %s AND outcome IS NOT NULL)
"""
PLAIN = "SELECT EXISTS (SELECT FROM chain.transfers WHERE signature = %s)"


@dataclass(frozen=True, slots=True)
class Landed:
    """A transaction in a block. `wire` is None if the service itself signed it."""

    signature: str
    slot: int
    at: datetime
    error: Any
    transaction: SignedTransaction | None
    order_id: UUID | None


def landed(signatures: Sequence[str], now: datetime) -> dict[str, Landed]:
    """The landed ones of these transactions. Raises `StoreUnavailable`."""
    arguments = {"signatures": list(signatures), "now": now}
    return {each.signature: each for each in _read(BY_SIGNATURE, arguments)}


def landed_of(
    account: Pubkey,
    now: datetime,
    limit: int,
    before: Landed | None = None,
    until: Landed | None = None,
) -> list[Landed]:
    """The transactions that name an account, newest first, between those two."""
    arguments = {
        "account": bytes(account),
        "now": now,
        "limit": limit,
        "before_at": "infinity" if before is None else before.at,
        "before": "" if before is None else before.signature,
        "until_at": "-infinity" if until is None else until.at,
        "until": "" if until is None else until.signature,
    }
    return _read(OF_ACCOUNT, arguments)


def order_of(signature: str) -> UUID | None:
    """The order that brought this transaction, if there is one. Raises `StoreUnavailable`."""
    with connection():
        row = database.execute_sql(FIND_ORDER, (signature,)).fetchone()
    return None if row is None else row[0]


def has_failed_to_land(signature: str, now: datetime) -> bool:
    """Whether the transaction's order has ended without landing. Raises `StoreUnavailable`."""
    with connection():
        ended = database.execute_sql(ENDED, (signature,)).fetchone()[0]
    return bool(ended) and not landed([signature], now)


def is_known(signature: str) -> bool:
    """Whether the transaction was taken: as an order, or as one without a swap. Raises
    `StoreUnavailable`.
    """
    if order_of(signature) is not None:
        return True
    with connection():
        return bool(database.execute_sql(PLAIN, (signature,)).fetchone()[0])


def _read(query: str, arguments: dict[str, Any]) -> list[Landed]:
    with connection():
        rows = database.execute_sql(query, arguments).fetchall()
    return [_landed(*row) for row in rows]


def _landed(
    signature: str,
    slot: int,
    at: datetime,
    filled: bool,
    wire: str | None,
    order_id: UUID | None,
) -> Landed:
    transaction = None if wire is None else SignedTransaction.from_wire(base64.b64decode(wire))
    error = None if filled else instruction_error(_swap_index(transaction), SLIPPAGE_EXCEEDED)
    return Landed(signature, slot, at, error, transaction, order_id)


def _swap_index(transaction: SignedTransaction | None) -> int:
    if transaction is None or transaction.swap is None:
        return 0
    return transaction.swap[0]
