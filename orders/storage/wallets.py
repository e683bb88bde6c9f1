"""Wallets and their money: opening, locking and reading them, and moving tokens outside of orders.

Code that changes a wallet's money locks the wallet first (`lock`), in a statement of its own, so
that what the next statement reads of the wallet cannot change meanwhile. The journal does the same
for orders. Amounts are in base units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from orders.domain import exact_json
from orders.domain.identifiers import uuid7
from orders.storage.database import connection, database

FAUCET = "faucet"
"""The counterparty of deposits and withdrawals; it has no balance that could run out."""

Kind = Literal["faucet", "reset", "transfer"]
"""Why tokens move without an order; the kind of an order's transfer is `swap`."""

OPEN = """
INSERT INTO wallets (address, account_id, epoch_at, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (address) DO NOTHING RETURNING address
"""
LOCK = """
SELECT address FROM wallets WHERE address = ANY(%s) ORDER BY address FOR NO KEY UPDATE
"""
TRANSFER = """
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(entries)s) AS row (wallet text, mint text, amount numeric)
), counted AS (
    UPDATE wallets SET sequence = sequence + 1
    WHERE address IN (SELECT wallet FROM input)
    RETURNING address, sequence
), stored AS (
    INSERT INTO transfers (id, kind, at) VALUES (%(id)s, %(kind)s, %(at)s)
), entered AS (
    INSERT INTO ledger_entries (transfer_id, wallet, mint, amount, sequence)
    SELECT %(id)s, wallet, mint, amount, counted.sequence
    FROM input LEFT JOIN counted ON address = wallet
), updated AS (
    UPDATE balances SET total = total + input.amount
    FROM input WHERE balances.wallet = input.wallet AND balances.mint = input.mint
    RETURNING balances.wallet, balances.mint, balances.total, balances.held
), inserted AS (
    INSERT INTO balances (wallet, mint, total, held)
    SELECT wallet, mint, amount, 0 FROM input JOIN counted ON address = wallet
    WHERE NOT EXISTS (
        SELECT FROM balances AS known
        WHERE known.wallet = input.wallet AND known.mint = input.mint)
    RETURNING wallet, mint, total, held
), after AS (
    SELECT * FROM updated UNION ALL SELECT * FROM inserted
)
INSERT INTO wallet_events (wallet, sequence, at, causes, balances)
SELECT address, sequence, %(at)s,
    jsonb_build_array(jsonb_build_object('kind', %(kind)s::text, 'id', %(id)s::uuid)),
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('mint', mint, 'total', total, 'held', held)
            ORDER BY mint)
        FROM after WHERE after.wallet = address), '[]')
FROM counted
RETURNING wallet, sequence
"""
HOLD = """
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(amounts)s) AS row (mint text, amount numeric)
), updated AS (
    UPDATE balances SET held = held + input.amount
    FROM input WHERE wallet = %(wallet)s AND balances.mint = input.mint
    RETURNING balances.mint, total, held
), counted AS (
    UPDATE wallets SET sequence = sequence + 1 WHERE address = %(wallet)s RETURNING sequence
)
INSERT INTO wallet_events (wallet, sequence, at, causes, balances)
SELECT %(wallet)s, sequence, %(at)s,
    jsonb_build_array(jsonb_build_object('kind', 'hold', 'id', %(order)s::uuid)),
    (SELECT jsonb_agg(jsonb_build_object('mint', mint, 'total', total, 'held', held)
        ORDER BY mint) FROM updated)
FROM counted
"""
NEW_EPOCH = """
UPDATE wallets SET epoch = epoch + 1, epoch_sequence = sequence, epoch_at = %s WHERE address = %s
"""
WALLET = """
SELECT sequence, epoch, epoch_sequence, epoch_at, created_at, mint, total, held
FROM wallets LEFT JOIN balances ON wallet = address
WHERE address = %s ORDER BY mint
"""
# The same sum as in the journal's statement `place`: orders of one group share one hold, the
# largest.
SPENDABLE = """
SELECT
    greatest(%(hold)s - coalesce((
        SELECT max(hold) FROM orders WHERE oco_group = %(group)s AND wallet = %(wallet)s
            AND token_in = %(mint)s AND outcome IS NULL), 0), 0),
    coalesce((SELECT total - held FROM balances WHERE wallet = %(wallet)s AND mint = %(mint)s), 0)
"""
SEQUENCES = "SELECT address, sequence FROM wallets WHERE address = ANY(%s)"
EVENTS = """
SELECT sequence, at, causes, balances FROM wallet_events
WHERE wallet = %s AND sequence > %s ORDER BY sequence LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transfer: base units into a wallet, or out of it if negative."""

    wallet: str
    mint: str
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A wallet's balance of one token, in base units."""

    mint: str
    total: int
    held: int

    @property
    def available(self) -> int:
        """What new orders can spend."""
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class WalletState:
    """A wallet and its balances.

    `sequence` is the number of its last change; positions count from `epoch_sequence` on.
    """

    address: str
    sequence: int
    epoch: int
    epoch_sequence: int
    epoch_at: datetime
    created_at: datetime
    balances: list[Balance]

    @property
    def totals(self) -> dict[str, int]:
        """Base units by mint, including held ones."""
        return {balance.mint: balance.total for balance in self.balances if balance.total}


@dataclass(frozen=True, slots=True)
class WalletEvent:
    """One change of a wallet's money: its causes, and the balances after it."""

    sequence: int
    at: datetime
    causes: list[dict[str, Any]]
    balances: list[Balance]


def grant(wallet: str, amounts: Mapping[str, int]) -> list[Entry]:
    """The entries that give a wallet base units of each mint, or take them if negative."""
    given = [Entry(wallet, mint, amount) for mint, amount in amounts.items() if amount]
    return given + [Entry(FAUCET, entry.mint, -entry.amount) for entry in given]


def open_wallet(
    address: str, opening: Mapping[str, int], at: datetime, account_id: UUID | None = None
) -> bool:
    """Opens a wallet with these balances; False if it is open already.

    Raises `IntegrityError` if there is no such account, `StoreUnavailable`.
    """
    with connection(), database.atomic():
        opened = database.execute_sql(OPEN, (address, account_id, at, at)).fetchone() is not None
        if opened:
            if entries := grant(address, opening):
                transfer("reset", entries, at)
            begin_epoch(address, at)
        return opened


def lock(wallets: Iterable[str]) -> set[str]:
    """Locks the wallets, in order, until the transaction ends; returns those that exist."""
    return {row[0] for row in database.execute_sql(LOCK, (sorted(set(wallets)),)).fetchall()}


def transfer(kind: Kind, entries: Sequence[Entry], at: datetime) -> dict[str, int]:
    """Moves tokens between wallets that the caller's transaction has locked or made.

    The entries must sum to zero for each mint. Returns the sequences that the wallets have now.
    Raises `IntegrityError` where a wallet would have less than it holds.
    """
    _check_balanced(entries)
    rows = [{"wallet": e.wallet, "mint": e.mint, "amount": e.amount} for e in entries]
    arguments = {"entries": exact_json.dumps(rows), "id": uuid7(at), "kind": kind, "at": at}
    return dict(database.execute_sql(TRANSFER, arguments).fetchall())


def hold(wallet: str, amounts: Mapping[str, int], order_id: UUID, at: datetime) -> None:
    """Holds base units of each mint for an order, whose end releases them.

    The caller's transaction has locked the wallet. Raises `IntegrityError` where it has less.
    """
    rows = [{"mint": mint, "amount": Decimal(amount)} for mint, amount in amounts.items()]
    arguments = {"amounts": exact_json.dumps(rows), "wallet": wallet, "order": order_id, "at": at}
    database.execute_sql(HOLD, arguments)


def begin_epoch(wallet: str, at: datetime) -> None:
    """Starts an epoch: profit and positions count from the present balances. The caller has locked
    it.
    """
    database.execute_sql(NEW_EPOCH, (at, wallet))


def read_wallet(address: str) -> WalletState | None:
    """Reads the wallet as of one moment; None if there is none. Raises `StoreUnavailable`."""
    with connection():
        rows = database.execute_sql(WALLET, (address,)).fetchall()
    if not rows:
        return None
    balances = [
        Balance(mint, int(total), int(held)) for *_, mint, total, held in rows if mint is not None
    ]
    sequence, epoch, epoch_sequence, epoch_at, created_at, *_ = rows[0]
    return WalletState(address, sequence, epoch, epoch_sequence, epoch_at, created_at, balances)


def read_balances(address: str) -> list[Balance]:
    """Reads the wallet's balances by mint. Raises `StoreUnavailable`."""
    wallet = read_wallet(address)
    return wallet.balances if wallet else []


def read_events(wallet: str, after: int, limit: int) -> list[WalletEvent]:
    """Reads the changes of the wallet's money after that one, oldest first. Raises
    `StoreUnavailable`.
    """
    with connection():
        rows = database.execute_sql(EVENTS, (wallet, after, limit)).fetchall()
    return [
        WalletEvent(sequence, at, causes, [_balance(balance) for balance in balances])
        for sequence, at, causes, balances in rows
    ]


def read_sequences(addresses: Iterable[str]) -> dict[str, int]:
    """Reads the numbers of the wallets' last changes. Raises `StoreUnavailable`."""
    with connection():
        return dict(database.execute_sql(SEQUENCES, (list(addresses),)).fetchall())


def _balance(stored: Mapping[str, Any]) -> Balance:
    return Balance(stored["mint"], int(stored["total"]), int(stored["held"]))


def _check_balanced(entries: Sequence[Entry]) -> None:
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.mint] = sums.get(entry.mint, 0) + entry.amount
    assert not any(sums.values()), f"a transfer that makes or destroys tokens: {sums}"


def spendable(wallet: str, mint: str, hold: int, group: UUID | None) -> tuple[int, int]:
    """What an order with that hold would spend, and what is available to it, in base units;
    that is also what its group holds already.

    Raises `StoreUnavailable`.
    """
    parameters = {"hold": hold, "group": group, "wallet": wallet, "mint": mint}
    with connection():
        needed, available = database.execute_sql(SPENDABLE, parameters).fetchone()
    return hold, hold - int(needed) + int(available)
