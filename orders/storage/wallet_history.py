"""A wallet's history: transfers and fills, page by page, and all movements of an epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from orders.storage.database import connection, database

TRANSFERS = """
WITH page AS (
    SELECT DISTINCT sequence, transfer_id FROM ledger_entries
    WHERE wallet = %(wallet)s AND sequence IS NOT NULL
        AND (sequence, transfer_id) < (%(sequence)s, %(transfer)s)
    ORDER BY sequence DESC, transfer_id DESC LIMIT %(limit)s
)
SELECT page.sequence, transfers.id, transfers.kind, transfers.at,
    entry.wallet, entry.mint, entry.amount
FROM page JOIN transfers ON transfers.id = page.transfer_id
JOIN ledger_entries AS entry ON entry.transfer_id = page.transfer_id
ORDER BY page.sequence DESC, transfers.id DESC, entry.mint, entry.amount
"""
FILLS = """
SELECT spent.sequence, spent.transfer_id, transfers.at, spent.mint, received.mint,
    -spent.amount, received.amount, pool.wallet, orders.tx_hash
FROM ledger_entries AS spent
JOIN transfers ON transfers.id = spent.transfer_id AND transfers.kind = 'swap'
JOIN ledger_entries AS received ON received.transfer_id = spent.transfer_id
    AND received.wallet = spent.wallet AND received.amount > 0
JOIN ledger_entries AS pool ON pool.transfer_id = spent.transfer_id
    AND pool.mint = spent.mint AND pool.amount > 0
LEFT JOIN orders ON orders.id = spent.transfer_id
WHERE spent.wallet = %(wallet)s AND spent.sequence IS NOT NULL AND spent.amount < 0
    AND (spent.sequence, spent.transfer_id) < (%(sequence)s, %(transfer)s)
ORDER BY spent.sequence DESC, spent.transfer_id DESC LIMIT %(limit)s
"""
MOVEMENTS = """
SELECT entry.sequence, transfers.id, transfers.kind, transfers.at, entry.mint, entry.amount
FROM ledger_entries AS entry JOIN transfers ON transfers.id = entry.transfer_id
WHERE entry.wallet = %s AND entry.sequence > %s AND entry.sequence <= %s
ORDER BY entry.sequence, entry.transfer_id
"""
# Halves the range in which it lies again and again: changes are numbered in the order of their
# times, but for the differences of the machines' clocks.
LAST_BEFORE = """
WITH RECURSIVE range (low, high) AS (
    SELECT 0::bigint, max(sequence) + 1 FROM ledger_entries WHERE wallet = %(wallet)s
    UNION ALL
    SELECT CASE WHEN entry.early THEN entry.sequence ELSE low END,
        CASE WHEN entry.early THEN high ELSE (low + high) / 2 END
    FROM range LEFT JOIN LATERAL (
        SELECT sequence, transfers.at <= %(at)s AS early
        FROM ledger_entries JOIN transfers ON transfers.id = transfer_id
        WHERE wallet = %(wallet)s AND sequence >= (low + high) / 2 AND sequence < high
        ORDER BY sequence LIMIT 1) AS entry ON true
    WHERE low + 1 < high
)
SELECT max(low) FROM range
"""
SUMS = """
SELECT width_bucket(transfers.at, %s::timestamptz[]), entry.mint, sum(entry.amount)
FROM ledger_entries AS entry JOIN transfers ON transfers.id = entry.transfer_id
WHERE entry.wallet = %s AND entry.sequence > %s AND entry.sequence <= %s
GROUP BY 1, 2
"""
DEPOSITS = """
SELECT entry.sequence, transfers.id, transfers.kind, transfers.at, entry.mint, entry.amount
FROM ledger_entries AS entry JOIN transfers ON transfers.id = entry.transfer_id
WHERE entry.wallet = %s AND entry.sequence > %s AND entry.sequence <= %s
    AND transfers.kind <> 'swap'
ORDER BY entry.sequence, entry.transfer_id
"""
CHANGES = """
SELECT mint, sum(amount) FROM ledger_entries
WHERE wallet = %s AND sequence > %s AND sequence <= %s GROUP BY mint
"""
NEWEST = (2**63 - 1, UUID(int=2**128 - 1))

Place = tuple[int, UUID]
"""A place in a wallet's history: the number of the change and the transfer."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer as a wallet sees it: base units by mint, in and out."""

    sequence: int
    transfer_id: UUID
    kind: str
    at: datetime
    changes: dict[str, int]


@dataclass(frozen=True, slots=True)
class LedgerTransfer:
    """A transfer with all its entries: wallet, mint and base units."""

    sequence: int
    transfer_id: UUID
    kind: str
    at: datetime
    entries: list[tuple[str, str, int]]

    @property
    def place(self) -> Place:
        """Its place in the wallet's history."""
        return self.sequence, self.transfer_id


@dataclass(frozen=True, slots=True)
class Fill:
    """The amounts that an order swapped, in base units; `tx_hash` is None once the order has been
    pruned.
    """

    sequence: int
    order_id: UUID
    at: datetime
    mint_in: str
    mint_out: str
    amount_in: int
    amount_out: int
    pool: str
    tx_hash: str | None

    @property
    def place(self) -> Place:
        """Its place in the wallet's history."""
        return self.sequence, self.order_id


def read_transfers(wallet: str, limit: int, before: Place | None) -> list[LedgerTransfer]:
    """The wallet's newest transfers before that place. Raises `StoreUnavailable`."""
    rows = _page(TRANSFERS, wallet, limit, before)
    return [
        LedgerTransfer(
            sequence,
            transfer_id,
            kind,
            at,
            [(holder, mint, int(units)) for *_, holder, mint, units in entries],
        )
        for (sequence, transfer_id, kind, at), entries in _by_transfer(rows)
    ]


def read_fills(wallet: str, limit: int, before: Place | None) -> list[Fill]:
    """The wallet's newest fills before that place. Raises `StoreUnavailable`."""
    return [
        Fill(sequence, order_id, at, spent, received, int(paid), int(got), pool, tx_hash)
        for sequence, order_id, at, spent, received, paid, got, pool, tx_hash in _page(
            FILLS, wallet, limit, before
        )
    ]


def read_movements(wallet: str, after: int, up_to: int) -> list[Movement]:
    """The movements after one change and up to another, oldest first. Raises `StoreUnavailable`."""
    return _movements(MOVEMENTS, wallet, after, up_to)


def read_deposits(wallet: str, after: int, up_to: int) -> list[Movement]:
    """Movements that are not swaps. Raises `StoreUnavailable`."""
    return _movements(DEPOSITS, wallet, after, up_to)


def last_change_before(wallet: str, at: datetime) -> int:
    """Number of the last change up to that time that moved tokens; 0 if there is none.

    Raises `StoreUnavailable`.
    """
    with connection():
        return int(database.execute_sql(LAST_BEFORE, {"wallet": wallet, "at": at}).fetchone()[0])


def read_sums(
    wallet: str, after: int, up_to: int, times: Sequence[datetime]
) -> dict[int, dict[str, int]]:
    """Base units by mint that moved between two successive times; those before `times[n]` under n.

    Raises `StoreUnavailable`.
    """
    with connection():
        rows = database.execute_sql(SUMS, (list(times), wallet, after, up_to)).fetchall()
    sums: dict[int, dict[str, int]] = {}
    for bucket, mint, units in rows:
        sums.setdefault(bucket, {})[mint] = int(units)
    return sums


def read_changes(wallet: str, after: int, up_to: int) -> dict[str, int]:
    """Base units of each mint that moved after one change and up to another, by the ledger. Raises
    `StoreUnavailable`.
    """
    with connection():
        rows = database.execute_sql(CHANGES, (wallet, after, up_to)).fetchall()
    return {mint: int(units) for mint, units in rows if units}


def _movements(statement: str, wallet: str, after: int, up_to: int) -> list[Movement]:
    with connection():
        rows = database.execute_sql(statement, (wallet, after, up_to)).fetchall()
    return [
        Movement(sequence, transfer_id, kind, at, {mint: int(units) for *_, mint, units in changes})
        for (sequence, transfer_id, kind, at), changes in _by_transfer(rows)
    ]


def _by_transfer(rows: Iterable[Any]) -> Iterator[tuple[Any, list[Any]]]:
    for head, group in groupby(rows, key=lambda row: row[:4]):
        yield head, list(group)


def _page(statement: str, wallet: str, limit: int, before: Place | None) -> list[Any]:
    sequence, transfer = before or NEWEST
    arguments = {"wallet": wallet, "limit": limit, "sequence": sequence, "transfer": transfer}
    with connection():
        return list(database.execute_sql(statement, arguments).fetchall())
