"""Moves of the simulated market: stored in PostgreSQL, known to every process before they begin."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID

from orders.config import Settings
from orders.domain.clock import EPOCH, Clock
from orders.domain.errors import MoveNotFound, StoreUnavailable, TooManyMoves
from orders.domain.identifiers import uuid7
from orders.market.moves import Move, Timeline, forgettable
from orders.storage.database import connection, database
from orders.storage.models import MoveRecord

MOST_PER_TOKEN = 10
"""Moves of one token that may be in effect at the same time."""
SETTLED_AFTER = timedelta(minutes=1)
"""A move that has been over for this long cannot change any more, whichever process changed it."""
FORGOTTEN_AT_ONCE = 1_000
MOVES_LOCK = 0x6D6F766573
"""Key of the advisory lock under which a move is counted and added: the bytes of "moves"."""
RETRY_S = 2.0
"""Seconds until PostgreSQL is asked again after it did not answer."""

NO_MOVES = Timeline()


class MoveBook:
    """This process's copy of the moves; what changed is read once it is `move_refresh_s` old.

    A move begins, and ends, twice that long after it was ordered: every process knows of it by
    then, and no process has given a price that it changes.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._refresh_s = settings.move_refresh_s
        self._lead = timedelta(seconds=2 * settings.move_refresh_s)
        self._clock = clock
        self._most = settings.moves_kept
        self._moves: dict[UUID, Move] = {}
        self._timelines: dict[str, Timeline] = {}
        self._known_at = EPOCH
        self._read_again_at = float("-inf")
        self._reading = Lock()

    def __call__(self, mint: str) -> Timeline:
        """The moves of a token. The last known ones while PostgreSQL is away."""
        if time.monotonic() > self._read_again_at and self._reading.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._reading.release()
        return self._timelines.get(mint, NO_MOVES)

    def not_over(self) -> list[Move]:
        """The moves that have begun or will, and are not over, newest first. Raises
        `StoreUnavailable`.
        """
        now = self._clock.now()
        return sorted(_not_over_at(now), key=lambda move: (move.starts_at, move.id), reverse=True)

    def start(self, mint: str, change_percent: Decimal, over_s: int, hold_s: int | None,
              freeze: bool) -> Move:  # fmt: skip
        """Stores a new move. Raises `TooManyMoves`, `StoreUnavailable`."""
        with connection(), database.atomic():
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (MOVES_LOCK,))
            now = self._clock.now()
            if _not_over(now).where(MoveRecord.mint == mint).count() >= MOST_PER_TOKEN:
                raise TooManyMoves()
            move = Move(
                uuid7(now),
                mint,
                change_percent.scaleb(-2),
                now + self._lead,
                timedelta(seconds=over_s),
                None if hold_s is None else timedelta(seconds=hold_s),
                freeze,
            )
            _store(move, now)
        self._read_again_at = float("-inf")
        return move

    def end(self, move_id: UUID | None) -> Move:
        """Ends a move: the price glides back. Raises `MoveNotFound`, `StoreUnavailable`."""
        for move in self.not_over():
            if move.id == move_id:
                return self._end(move, self._clock.now() + self._lead)
        raise MoveNotFound()

    def end_all(self) -> list[Move]:
        """Ends every move. Raises `StoreUnavailable`."""
        at = self._clock.now() + self._lead
        return [self._end(move, at) for move in self.not_over()]

    def _end(self, move: Move, at: datetime) -> Move:
        """Ends one move. A move that already glides back continues."""
        if move.releases_at is not None and move.releases_at <= at:
            return move
        ended = replace(move, ended_at=at)
        with connection():
            MoveRecord.update(ended_at=at, over_at=ended.over_at).where(
                MoveRecord.id == move.id
            ).execute()
        self._read_again_at = float("-inf")
        return ended

    def forget(self) -> int:
        """Removes moves that are over, but not the newest `moves_kept` nor those that a freeze's
        price depends on, a bounded number at a time; returns how many. Raises `StoreUnavailable`.
        """
        settled = self._clock.now() - SETTLED_AFTER
        old = forgettable(_not_over_at(EPOCH), settled, self._most)[:FORGOTTEN_AT_ONCE]
        if old:
            with connection():
                ids = [move.id for move in old]
                MoveRecord.delete().where(MoveRecord.id.in_(ids)).execute()
        return len(old)

    def _read(self) -> None:
        pause_s = self._refresh_s
        now = self._clock.now()
        try:
            self._learn(_not_over_at(self._known_at), now)
            self._known_at = now - SETTLED_AFTER
        except StoreUnavailable:
            pause_s = max(RETRY_S, pause_s)
        self._read_again_at = time.monotonic() + pause_s

    def _learn(self, read: Iterable[Move], now: datetime) -> None:
        news = [move for move in read if self._moves.get(move.id) != move]
        if not news:
            return
        self._moves.update((move.id, move) for move in news)
        old = forgettable(self._moves.values(), now - SETTLED_AFTER, self._most)
        for move in old:
            del self._moves[move.id]
        self._draw({move.mint for move in (*news, *old)})

    def _draw(self, mints: set[str]) -> None:
        changed: dict[str, list[Move]] = {mint: [] for mint in mints}
        for move in self._moves.values():
            if move.mint in mints:
                changed[move.mint].append(move)
        timelines = {mint: Timeline(moves) for mint, moves in changed.items() if moves}
        others = {mint: known for mint, known in self._timelines.items() if mint not in mints}
        self._timelines = others | timelines


def _not_over(at: datetime) -> Any:
    is_over_later = MoveRecord.over_at.is_null() | (MoveRecord.over_at > at)
    return MoveRecord.select().where(is_over_later)


def _not_over_at(at: datetime) -> list[Move]:
    with connection():
        return [_as_move(row) for row in _not_over(at)]


def _store(move: Move, now: datetime) -> None:
    MoveRecord.create(
        id=move.id,
        mint=move.mint,
        change_percent=move.change.scaleb(2),
        starts_at=move.starts_at,
        over_seconds=move.over.total_seconds(),
        hold_seconds=None if move.hold is None else move.hold.total_seconds(),
        frozen=move.freeze,
        over_at=move.over_at,
        created_at=now,
    )


def _as_move(row: MoveRecord) -> Move:
    held = row.hold_seconds
    return Move(
        row.id,
        row.mint,
        row.change_percent.scaleb(-2),
        row.starts_at,
        timedelta(seconds=row.over_seconds),
        None if held is None else timedelta(seconds=held),
        row.frozen,
        row.ended_at,
    )
