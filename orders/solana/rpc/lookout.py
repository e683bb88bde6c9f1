"""Reads for all subscriptions of a process at once what each of them waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Generic, TypeVar

READ_AT_ONCE = 500
"""Keys that one statement reads."""
ROUNDS = 10
"""Times `fresh_s` after which a key that nobody asks for is forgotten."""

Found = TypeVar("Found")


class Lookout(Generic[Found]):
    """What `read` finds under the keys that somebody asks for again and again, at most `fresh_s`
    old. Once that is over, the next call reads them all.
    """

    def __init__(
        self,
        read: Callable[[list[str]], Mapping[str, Found]],
        fresh_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._now_s = now_s
        self._lock = Lock()
        self._asked_at: dict[str, float] = {}
        self._known: dict[str, Found | None] = {}
        self._read_at = float("-inf")

    def get(self, key: str) -> Found | None:
        """What there is under the key. Raises `StoreUnavailable`."""
        with self._lock:
            now_s = self._asked_at[key] = self._now_s()
            if now_s - self._read_at >= self._fresh_s:
                self._forget(now_s)
                self._known = self._look(list(self._asked_at))
                self._read_at = now_s
            elif key not in self._known:
                self._known |= self._look([key])
            return self._known[key]

    def _forget(self, now_s: float) -> None:
        oldest_s = now_s - ROUNDS * self._fresh_s
        self._asked_at = {key: at for key, at in self._asked_at.items() if at > oldest_s}

    def _look(self, keys: list[str]) -> dict[str, Found | None]:
        found: dict[str, Found | None] = dict.fromkeys(keys)
        for start in range(0, len(keys), READ_AT_ONCE):
            found |= self._read(keys[start : start + READ_AT_ONCE])
        return found
