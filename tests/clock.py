"""A clock that moves only when told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock


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
