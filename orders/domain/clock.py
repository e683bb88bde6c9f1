"""Time, injected. The only file that may read the machine's clock for orders, market and chain."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Where the market and the chain take their time from."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread (or green thread) for `seconds`."""
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to, so that a test decides what time it is."""

    def __init__(self, start: datetime) -> None:
        self._lock = Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        """The moment last set, in UTC."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, forwards or back. Raises ValueError if it names no time zone."""
        with self._lock:
            self._now = _aware(moment)

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Move forward by `seconds` at once; threads that sleep side by side add up."""
        self.advance(seconds)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} names no time zone")
    return moment.astimezone(UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRICE_STEP_US = 10_000
"""Prices are constant for so many microseconds."""
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def to_step(moment: datetime) -> int:
    """The same, down to the whole hundredth of a second: what is asked of the market at nearly
    the same time has the same answer, which then need not be computed twice. Far finer than a
    slot of the chain, within which no pool could move."""
    return to_microseconds(moment) // PRICE_STEP_US * PRICE_STEP_US
