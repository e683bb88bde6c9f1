"""Time, injected. The only file that may read the machine's clock for orders, market and chain."""

import time
from datetime import UTC, datetime, timedelta
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
