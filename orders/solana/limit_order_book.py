"""Limit orders that wallets signed: the engine's order at each address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from solders.pubkey import Pubkey

from orders.storage.database import connection, database
from orders.storage.models import Order

REMEMBER = """
INSERT INTO chain.limit_orders (address, maker, order_id) VALUES (%s, %s, %s)
"""
HELD = "SELECT token_in, hold FROM orders WHERE id = %s AND outcome IS NULL"
FIND = "SELECT maker, order_id FROM chain.limit_orders WHERE address = %s"
WANTED = """
FROM chain.limit_orders JOIN orders ON orders.id = order_id
WHERE maker = %(maker)s AND (outcome IS NULL) = %(active)s
    AND (%(mint_in)s::text IS NULL OR token_in = %(mint_in)s)
    AND (%(mint_out)s::text IS NULL OR token_out = %(mint_out)s)
    AND (%(failed)s OR outcome IS DISTINCT FROM 'failed')
"""
LIST = f"""
SELECT address, order_id {WANTED}
ORDER BY order_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
COUNT = f"SELECT count(*) {WANTED}"
NAMED_BY = """
SELECT address, signatures
FROM unnest(%s::text[], %s::bytea[]) AS named(address, bytes) CROSS JOIN LATERAL (
    SELECT array_agg(signature ORDER BY at) AS signatures
    FROM chain.account_transactions AS named_by
    WHERE account = bytes AND (
        SELECT signer FROM chain.transfers WHERE signature = named_by.signature) = %s) AS those
WHERE signatures IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A limit order, its address, and the transactions that placed and cancelled it."""

    address: str
    order: Order
    opened_by: str | None = None
    cancelled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limit orders of a wallet that somebody asks for."""

    maker: str
    active: bool
    mint_in: str | None = None
    mint_out: str | None = None
    failed: bool = True


def remember(address: str, maker: str, order_id: UUID) -> None:
    """Stores an order's address. Raises `StoreUnavailable`."""
    with connection():
        database.execute_sql(REMEMBER, (address, maker, order_id))


def find(address: str) -> tuple[str, UUID] | None:
    """Finds maker and order at an address. Raises `StoreUnavailable`."""
    with connection():
        found: tuple[str, UUID] | None = database.execute_sql(FIND, (address,)).fetchone()
    return found


def held_by(order_id: UUID) -> tuple[str, int] | None:
    """The mint and the base units that an order holds; None once it has ended. Raises
    `StoreUnavailable`.
    """
    with connection():
        row = database.execute_sql(HELD, (order_id,)).fetchone()
    return None if row is None else (row[0], int(row[1] or 0))


def listed(wanted: Wanted, *, limit: int, offset: int = 0) -> list[Placed]:
    """A wallet's limit orders, newest first. Raises `StoreUnavailable`."""
    page = asdict(wanted) | {"limit": limit, "offset": offset}
    with connection():
        rows: Sequence[Any] = database.execute_sql(LIST, page).fetchall()
        ids = [order_id for _, order_id in rows]
        orders = {order.id: order for order in Order.select().where(Order.id << ids)}
        signatures = _signatures(wanted.maker, [address for address, _ in rows])
    return [_placed(address, orders[key], signatures.get(address, [])) for address, key in rows]


def count(wanted: Wanted) -> int:
    """Counts a wallet's limit orders. Raises `StoreUnavailable`."""
    with connection():
        return int(database.execute_sql(COUNT, asdict(wanted)).fetchone()[0])


def _placed(address: str, order: Order, signatures: Sequence[str]) -> Placed:
    """The order; the first transaction that names its address placed it, a later one cancelled."""
    opened_by = signatures[0] if signatures else None
    return Placed(address, order, opened_by, signatures[-1] if len(signatures) > 1 else None)


def _signatures(maker: str, addresses: Sequence[str]) -> dict[str, list[str]]:
    """Address -> the transactions of its maker that name it, oldest first."""
    as_bytes = [bytes(Pubkey.from_string(address)) for address in addresses]
    rows: Sequence[Any] = database.execute_sql(NAMED_BY, (list(addresses), as_bytes, maker))
    return dict(rows)
