"""Moves of the simulated market: stored in PostgreSQL, known to every process before they begin."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from uuid import UUID

from orders.config import Settings
from orders.domain.clock import Clock
from orders.domain.errors import MoveNotFound, StoreUnavailable, TooManyMoves
from orders.domain.identifiers import uuid7
from orders.market.moves import Move
from orders.storage.database import connection
from orders.storage.models import MoveRecord

MOST_PER_TOKEN = 10
"""Moves of one token that may be in effect at the same time."""
MOST_KEPT = 1_000
"""Newest moves that are kept, so that past prices stay known."""
RETRY_S = 2.0
"""Seconds until PostgreSQL is asked again after it did not answer."""

Moves = dict[str, tuple[Move, ...]]


class MoveBook:
    """This process's copy of the moves, read again once it is `move_refresh_s` old.

    A move begins, and ends, twice that long after it was ordered: every process knows of it by
    then, and no process has given a price that it changes.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._refresh_s = settings.move_refresh_s
        self._lead = timedelta(seconds=2 * settings.move_refresh_s)
        self._clock = clock
        self._moves: Moves = {}
        self._read_again_at = float("-inf")
        self._reading = Lock()

    def __call__(self, mint: str) -> Sequence[Move]:
        """The moves of a token, oldest first. The last known ones while PostgreSQL is away."""
        if time.monotonic() > self._read_again_at and self._reading.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._reading.release()
        return self._moves.get(mint, ())

    def not_over(self) -> list[Move]:
        """The moves that have begun or will, and are not over, newest first. Raises
        `StoreUnavailable`.
        """
        now = self._clock.now()
        found = _read_all().values()
        moves = [move for moves in found for move in moves if move.state(now) != "over"]
        return sorted(moves, key=lambda move: move.starts_at, reverse=True)

    def start(self, mint: str, change_percent: Decimal, over_s: int, hold_s: int | None,
              freeze: bool) -> Move:  # fmt: skip
        """Stores a new move. Raises `TooManyMoves`, `StoreUnavailable`."""
        if sum(move.mint == mint for move in self.not_over()) >= MOST_PER_TOKEN:
            raise TooManyMoves()
        now = self._clock.now()
        move = Move(
            uuid7(now),
            mint,
            change_percent.scaleb(-2),
            now + self._lead,
            timedelta(seconds=over_s),
            None if hold_s is None else timedelta(seconds=hold_s),
            freeze,
        )
        with connection():
            MoveRecord.create(
                id=move.id,
                mint=mint,
                change_percent=change_percent,
                starts_at=move.starts_at,
                over_seconds=over_s,
                hold_seconds=hold_s,
                frozen=freeze,
                over_at=move.over_at,
                created_at=now,
            )
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

    def _read(self) -> None:
        pause_s = self._refresh_s
        try:
            self._moves = _read_all()
        except StoreUnavailable:
            pause_s = max(RETRY_S, pause_s)
        self._read_again_at = time.monotonic() + pause_s


def _read_all() -> Moves:
    newest = MoveRecord.select().order_by(MoveRecord.starts_at.desc()).limit(MOST_KEPT)
    found: dict[str, list[Move]] = {}
    with connection():
        for row in reversed(list(newest)):
            found.setdefault(row.mint, []).append(_as_move(row))
    return {mint: tuple(moves) for mint, moves in found.items()}


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
