"""Wall-clock time for orders, market and chain. Tokens, rate limits and Huey's schedule read the
machine's clock themselves.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The source of time for the market and the chain."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock."""


class SystemClock:
    """The machine's clock; `shift_s` makes it wrong by so many seconds, for tests."""

    def __init__(self, shift_s: float = 0.0) -> None:
        self._shift = timedelta(seconds=shift_s)

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC) + self._shift

    def sleep(self, seconds: float) -> None:
        """Block the calling thread (or green thread) for `seconds`."""
        if seconds > 0:
            time.sleep(seconds)


class ServerClock(SystemClock):
    """The database server's time, which all processes share; the machine's until it is known.

    Between two corrections it follows the machine's monotonic clock, which nobody can set.
    """

    def __init__(self, shift_s: float = 0.0) -> None:
        super().__init__(shift_s)
        self._known = (super().now(), time.monotonic())

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        moment, at = self._known
        return moment + timedelta(seconds=time.monotonic() - at)

    def machine_skew_s(self) -> float:
        """How far the machine's clock is ahead of the server's, seconds."""
        return (super().now() - self.now()).total_seconds()

    def correct(self, moment: datetime, at: float, error_s: float) -> None:
        """Sets the clock: the server's stood at `moment` when the monotonic one stood at `at`.

        Nothing changes if they differ by less than the uncertainty `error_s`.
        """
        expected = self._known[0] + timedelta(seconds=at - self._known[1])
        if abs((moment - expected).total_seconds()) > error_s:
            self._known = (moment, at)


class Deadline:
    """The end of a wait of this process's threads, which pass real time whatever a clock says."""

    def __init__(self, timeout_s: float) -> None:
        self._at = time.monotonic() + timeout_s

    @property
    def left_s(self) -> float:
        """Seconds until then, 0 once it is past."""
        return max(self._at - time.monotonic(), 0.0)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRICE_STEP_US = 10_000
"""Prices are constant for so many microseconds."""
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def to_step(moment: datetime) -> int:
    """Microseconds since 1970, rounded down to a hundredth of a second.

    Questions to the market at nearly the same time then share one computed answer. A hundredth is
    far shorter than a slot of the chain, and no pool changes within a slot.
    """
    return to_microseconds(moment) // PRICE_STEP_US * PRICE_STEP_US
