"""Ordered moves of the market: how far each changes a price at any moment.

A pure function of a move and a time, like the prices, so every process that knows the move agrees.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterable, Sequence
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


class Timeline:
    """A token's moves, oldest first, and which of them are in effect at any moment.

    It equals only itself, so what was computed from it can be remembered by it.
    """

    def __init__(self, moves: Iterable[Move] = ()) -> None:
        self.moves = tuple(sorted(moves, key=lambda move: (move.starts_at, move.id)))
        self._marks, self._active = _phases(self.moves)

    def active(self, at: datetime) -> tuple[Move, ...]:
        """The moves that are in effect at that time, oldest first."""
        return self._active[bisect_right(self._marks, at)]

    def before(self, move: Move) -> list[Move]:
        """The older moves that are in effect when this one begins."""
        at = move.starts_at
        return [older for older in self.active(at) if older.starts_at < at]


def _phases(moves: Sequence[Move]) -> tuple[list[datetime], list[tuple[Move, ...]]]:
    """The times at which other moves are in effect than before, and which; none at first."""
    ends = (move.over_at for move in moves if move.over_at is not None)
    marks = sorted({*(move.starts_at for move in moves), *ends})
    coming, running = deque(moves), list[Move]()
    phases: list[tuple[Move, ...]] = [()]
    for mark in marks:
        while coming and coming[0].starts_at <= mark:
            running.append(coming.popleft())
        running = [move for move in running if move.over_at is None or mark < move.over_at]
        phases.append(tuple(running))
    return marks, phases


Frozen = dict[Move, Decimal]
"""The prices at which freezes hold a token's own course, as far as they were computed."""


def moved_price(own: Course, timeline: Timeline, at: datetime, frozen: Frozen) -> Decimal:
    """A token's price at that time, from its own course and its moves. Adds to `frozen`."""
    active = timeline.active(at)
    for move in _missing(timeline, active, frozen):
        frozen[move] = _price(own, timeline.before(move), move.starts_at, frozen)
    return _price(own, active, at, frozen)


def _missing(timeline: Timeline, active: Iterable[Move], frozen: Frozen) -> list[Move]:
    """The freezes whose price has to be computed first, each after those that it depends on."""
    found: set[Move] = set()
    open_ends = list(active)
    while open_ends:
        move = open_ends.pop()
        if move.freeze and move not in found and move not in frozen:
            found.add(move)
            open_ends += timeline.before(move)
    return sorted(found, key=lambda move: move.starts_at)


def _price(own: Course, active: Sequence[Move], at: datetime, frozen: Frozen) -> Decimal:
    """The price while these moves are in effect, which begins with what stands still for all."""
    stills = [move.stillness(at) for move in active]
    first = max((n for n, still in enumerate(stills) if still == _ONE), default=0)
    price = own(at) if _ONE not in stills else _NONE
    for move, still in zip(active[first:], stills[first:], strict=True):
        if still != _NONE:
            held = _EXACT.multiply(frozen[move], still)
            price = _EXACT.add(held, _EXACT.multiply(price, _ONE - still))
        price = _EXACT.multiply(price, _EXACT.fma(move.change, move.weight(at), _ONE))
    return price


def forgettable(moves: Iterable[Move], now: datetime, most: int) -> list[Move]:
    """The moves that are over, but the `most` newest of them and those that a freeze which is kept
    depends on.
    """
    known = sorted(moves, key=lambda move: move.starts_at)
    over = sorted((m for m in known if m.state(now) == "over"), key=lambda m: m.over_at or now)
    old = set(over[: max(len(over) - most, 0)])
    freezes: dict[str, list[datetime]] = {}
    for move in known:
        if move.freeze and move not in old:
            freezes.setdefault(move.mint, []).append(move.starts_at)
    return [move for move in reversed(known) if move in old and not _is_needed(move, freezes)]


def _is_needed(move: Move, freezes: dict[str, list[datetime]]) -> bool:
    """Whether a freeze began while the move was in effect; the move is a further freeze then."""
    assert move.over_at is not None
    starts = freezes.setdefault(move.mint, [])
    later = bisect_right(starts, move.starts_at)
    needed = later < len(starts) and starts[later] < move.over_at
    if needed and move.freeze:
        insort(starts, move.starts_at)
    return needed


def _share(passed: timedelta, whole: timedelta) -> Decimal:
    """The share of a period that has passed, 0 to 1."""
    if passed >= whole:
        return _ONE
    return _EXACT.divide(Decimal(passed // _MICROSECOND), Decimal(whole // _MICROSECOND))
