"""Names of Socket.IO rooms: an order's room is its id, a list feed's room is made here."""

from __future__ import annotations

from uuid import UUID

FEED_PREFIX = "orders:"
ACCOUNT_PREFIX = "account:"
ACCOUNT_ORDERS_PREFIX = "account-orders:"


def feed_room(account_id: UUID | str | None) -> str:
    """The room in which an account's list feed, or the anonymous one, is sent."""
    return f"{FEED_PREFIX}{account_id or 'anonymous'}"


def account_room(account_id: UUID) -> str:
    """The room in which the changes of an account's money are sent."""
    return f"{ACCOUNT_PREFIX}{account_id}"


def account_orders_room(account_id: UUID) -> str:
    """The room in which the numbered events of an account's orders are sent."""
    return f"{ACCOUNT_ORDERS_PREFIX}{account_id}"


def is_feed_room(room: str | None) -> bool:
    """Whether a room is that of a list feed."""
    return room is not None and room.startswith(FEED_PREFIX)
