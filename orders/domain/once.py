"""Things of a process that are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TypeVar

Made = TypeVar("Made")


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Returns a function that calls `make` the first time, and returns the same result each time.

    Whoever asks meanwhile waits. If `make` raises, the next caller tries again.
    """
    lock = Lock()
    remembered = cache(make)

    def get() -> Made:
        with lock:
            return remembered()

    return get
