"""How code waits for others: with its whole OS thread, or as one green thread of many on it."""

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class Turn(Protocol):
    """A lock that is held when it is made; one thread waits for it, any thread lets go of it."""

    def acquire(self) -> Any:
        """Returns once it was released."""

    def release(self) -> None:
        """Lets the one that waits go on."""


class GreenThread(Protocol):
    """What runs green threads, seen from one of them: others of the OS thread go on meanwhile."""

    def turn(self) -> Turn:
        """One to be awaited by this green thread."""

    def sleep(self, seconds: float) -> None:
        """Returns after that time."""

    def gather(self) -> None:
        """Returns when no other green thread can go on: all that was about to be asked is."""

    def outside(self, call: Callable[[], Result]) -> Result:
        """The result of a call that may take long, made by another OS thread."""


_own = threading.local()


def run_green_threads(scheduler: GreenThread | None) -> None:
    """From now on, code in this OS thread waits by means of `scheduler`."""
    _own.scheduler = scheduler


def green() -> GreenThread | None:
    """What to wait with, or None where the OS thread itself is to wait."""
    return getattr(_own, "scheduler", None)


def held_turn() -> Turn:
    """A turn to be awaited in this thread."""
    if scheduler := green():
        return scheduler.turn()
    lock = threading.Lock()
    lock.acquire()
    return lock


def outside(call: Callable[[], Result]) -> Result:
    """The result of a call that may take long; no green thread waits for another's."""
    scheduler = green()
    return call() if scheduler is None else scheduler.outside(call)
