"""Lists of token launches, page by page: the next to open first, then those that have opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Tuple

from orders.market.tokens import Launch, Token
from orders.storage.database import connection
from orders.storage.models import LaunchRecord


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list as it was at `now`: after the launch of `mint` at `live_at`."""

    now: datetime
    live_at: datetime
    mint: str


def list_launches(text: str | None, limit: int, now: datetime, after: Place | None) -> list[Launch]:
    """The `limit` launches after a place, or the first ones.

    Only those whose symbol contains `text` or whose mint begins with it. Raises `StoreUnavailable`.
    """
    now = after.now if after else now
    with connection():
        found: list[Launch] = []
        if after is None or after.live_at > now:
            found += _read(_coming(now, after), text, limit)
        if len(found) < limit:
            found += _read(_open(now, after), text, limit - len(found))
    return found


def as_launch(row: LaunchRecord) -> Launch:
    """Reads a launch from its row."""
    token = Token(row.symbol, row.mint, row.decimals, row.symbol)
    return Launch(token, row.price_usd, row.liquidity_usd, row.live_at)


_TIME, _MINT = LaunchRecord.live_at, LaunchRecord.mint


def _coming(now: datetime, after: Place | None) -> Any:
    query = LaunchRecord.select().where(now < _TIME).order_by(_TIME, _MINT)
    if after is not None:
        query = query.where(Tuple(_TIME, _MINT) > Tuple(after.live_at, after.mint))
    return query


def _open(now: datetime, after: Place | None) -> Any:
    query = LaunchRecord.select().where(now >= _TIME).order_by(_TIME.desc(), _MINT.desc())
    if after is not None and after.live_at <= now:
        query = query.where(Tuple(_TIME, _MINT) < Tuple(after.live_at, after.mint))
    return query


def _read(query: Any, text: str | None, limit: int) -> list[Launch]:
    if text is not None:
        query = query.where(LaunchRecord.symbol.contains(text) | _MINT.startswith(text))
    return [as_launch(row) for row in query.limit(limit)]
