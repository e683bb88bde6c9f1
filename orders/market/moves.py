"""Ordered moves of the market: how far each changes a price at any moment.

A pure function of a move and a time, like the prices, so every process that knows the move agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from uuid import UUID

_EXACT = Context(prec=28)
_MICROSECOND = timedelta(microseconds=1)
_ONE = Decimal(1)
_NONE = Decimal(0)

Course = Callable[[datetime], Decimal]
"""A token's price in USD by time."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a token's price.

    The price goes `change` (a fraction) away from its own course, in a straight line that takes
    `over` from `starts_at`. It stays there for `hold`, or until the move is ended, and glides back.
    With `freeze` its own course stands still meanwhile.
    """

    id: UUID
    mint: str
    change: Decimal
    starts_at: datetime
    over: timedelta
    hold: timedelta | None = None
    freeze: bool = False
    ended_at: datetime | None = None

    @property
    def releases_at(self) -> datetime | None:
        """When the price begins to glide back; None while nothing ends the move."""
        held_until = None if self.hold is None else self.starts_at + self.over + self.hold
        known = [at for at in (held_until, self.ended_at) if at is not None]
        return max(min(known), self.starts_at) if known else None

    @property
    def over_at(self) -> datetime | None:
        """When the move's effect is over; None if that is not known."""
        return None if self.releases_at is None else self.releases_at + self.over

    def weight(self, at: datetime) -> Decimal:
        """The share of the change that is in effect at that time, 0 to 1."""
        if self.releases_at is None or at < self.releases_at:
            return self._risen(at)
        return _EXACT.multiply(self._risen(self.releases_at), _ONE - self._passed(at))

    def stillness(self, at: datetime) -> Decimal:
        """The share by which the token's own course stands still at that time, 0 to 1."""
        if not self.freeze or at < self.starts_at:
            return _NONE
        if self.releases_at is None or at < self.releases_at:
            return _ONE
        return _ONE - self._passed(at)

    def _risen(self, at: datetime) -> Decimal:
        if at < self.starts_at:
            return _NONE
        return _share(at - self.starts_at, self.over)

    def _passed(self, at: datetime) -> Decimal:
        assert self.releases_at is not None
        return _share(at - self.releases_at, self.over)

    def state(self, at: datetime) -> str:
        """One word for the move's phase at that time."""
        if at < self.starts_at:
            return "coming"
        if self.over_at is not None and at >= self.over_at:
            return "over"
        if self.releases_at is not None and at >= self.releases_at:
            return "gliding"
        return "moving" if at < self.starts_at + self.over else "holding"


def moved_price(own: Course, moves: Sequence[Move], at: datetime) -> Decimal:
    """A token's price at that time, from its own course and these moves, oldest first."""
    active = [move for move in moves if _is_active(move, at)]
    if not active:
        return own(at)
    *earlier, latest = active
    price = _still_price(own, moves, earlier, latest, at)
    factor = _EXACT.fma(latest.change, latest.weight(at), _ONE)
    return _EXACT.multiply(price, factor)


def _still_price(
    own: Course, moves: Sequence[Move], earlier: Sequence[Move], move: Move, at: datetime
) -> Decimal:
    """The price without the change of `move`, as far as `move` does not freeze it."""
    still = move.stillness(at)
    running = _NONE if still == _ONE else moved_price(own, earlier, at)
    if still == _NONE:
        return running
    before = [each for each in moves if each.starts_at < move.starts_at]
    frozen = moved_price(own, before, move.starts_at)
    return _EXACT.add(_EXACT.multiply(frozen, still), _EXACT.multiply(running, _ONE - still))


def _is_active(move: Move, at: datetime) -> bool:
    return move.starts_at <= at and (move.over_at is None or at < move.over_at)


def _share(passed: timedelta, whole: timedelta) -> Decimal:
    """The share of a period that has passed, 0 to 1."""
    if passed >= whole:
        return _ONE
    return _EXACT.divide(Decimal(passed // _MICROSECOND), Decimal(whole // _MICROSECOND))
