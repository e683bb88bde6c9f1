"""One-cancels-other groups: which are decided, and for which order."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from orders.storage.database import connection, database

Group = tuple[UUID, str]
"""A group's id and its owner: an account's id, or empty for the anonymous space."""

# A winner that is cancelled or expires before it runs leaves the group open.
DECIDED = """
SELECT oco_groups.id, owner, winner FROM oco_groups JOIN orders ON orders.id = winner
WHERE oco_groups.id = ANY(%s) AND (outcome IS NULL OR outcome NOT IN ('cancelled', 'expired'))
"""


def owner_of(account_id: UUID | None) -> str:
    """The name under which an account's groups are kept."""
    return str(account_id or "")


def decided_groups(ids: Iterable[UUID]) -> dict[Group, UUID]:
    """The groups of which an order has triggered, with that order. Raises `StoreUnavailable`."""
    with connection():
        rows = database.execute_sql(DECIDED, (list(ids),)).fetchall()
    return {(group, owner): winner for group, owner, winner in rows}
