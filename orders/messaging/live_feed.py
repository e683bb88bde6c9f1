"""The Redis channels of live events: what a channel's name says, and who may see the event.

An event goes to the channel `orders:events:<order id>:<account id or anonymous>`, as the JSON that
clients receive. Whoever listens to all of them can tell from the name alone whether anybody wants
the event, and need not parse the others.

That money moved without an order is told on `orders:money:<account id>`, without a word on what
moved: PostgreSQL knows.
"""

from __future__ import annotations

from uuid import UUID

from orders.domain.events import Event

PREFIX = "orders:events:"
ALL_CHANNELS = f"{PREFIX}*"
MONEY_PREFIX = "orders:money:"
ALL_MONEY_CHANNELS = f"{MONEY_PREFIX}*"
ANONYMOUS = "anonymous"


def channel_of(event: Event) -> str:
    """The channel that an event is published on."""
    return f"{PREFIX}{event.order_id}:{event.account_id or ANONYMOUS}"


def read_channel(channel: str) -> tuple[UUID, UUID | None]:
    """The order that a channel is about, and the account that owns it."""
    order_id, account_id = channel.removeprefix(PREFIX).split(":")
    return UUID(order_id), None if account_id == ANONYMOUS else UUID(account_id)


def money_channel_of(account_id: UUID) -> str:
    """The channel that tells of an account's money."""
    return f"{MONEY_PREFIX}{account_id}"


def read_money_channel(channel: str) -> UUID | None:
    """The account whose money a channel tells of; None for a channel of events."""
    if not channel.startswith(MONEY_PREFIX):
        return None
    return UUID(channel.removeprefix(MONEY_PREFIX))
