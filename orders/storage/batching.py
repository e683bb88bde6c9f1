"""Group commit: entries of several callers that arrive together are performed together.

A caller that finds no leader becomes the leader. It performs its own entry and all that have
gathered meanwhile: one entry when idle, so that nobody is delayed, many under load. It uses plain
locks, so it serves OS threads and eventlet's green threads alike.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar


@dataclass(slots=True)
class Entry:
    """One caller's request. The leader leaves the result in it, or `error`."""

    error: BaseException | None = field(default=None, init=False)
    performed: bool = field(default=False, init=False)
    turn: Lock | None = field(default=None, init=False)
    """Held until the entry is performed, or until its caller becomes the leader."""

    def conflicts(self) -> Collection[Hashable]:
        """Keys that no two entries of one group share."""
        return ()


YIELDS = 3
"""How often in a row a leader yields in vain before it takes its group: an entry may be a few
switches of threads away, and a fuller group costs each entry less.
"""

AnyEntry = TypeVar("AnyEntry", bound=Entry)


class GroupCommit(Generic[AnyEntry]):
    """Calls `perform` with up to `most` entries in order of arrival, one group at a time.

    An error that `perform` raises goes to every caller of the group whose entry has no error of its
    own.
    """

    def __init__(self, perform: Callable[[list[AnyEntry]], None], most: int) -> None:
        self._perform = perform
        self._most = most
        self._lock = Lock()
        self._waiting: deque[AnyEntry] = deque()
        self._busy = False

    def submit(self, entry: AnyEntry) -> None:
        """Waits until the entry is performed. Raises its error."""
        with self._lock:
            self._waiting.append(entry)
            if self._busy:
                entry.turn = Lock()
                entry.turn.acquire()
            self._busy = True
        if entry.turn is not None:
            entry.turn.acquire()
        if not entry.performed:
            self._gather()
            self._lead(entry)
        if entry.error is not None:
            raise entry.error

    def _gather(self) -> None:
        """Yields to other threads for as long as some of them join the group."""
        joined = in_vain = 0
        while in_vain < YIELDS and len(self._waiting) < self._most:
            in_vain = 0 if len(self._waiting) > joined else in_vain + 1
            joined = len(self._waiting)
            time.sleep(0)

    def _lead(self, own: AnyEntry) -> None:
        group = self._take()
        try:
            self._perform(group)
        except BaseException as error:
            for entry in group:
                entry.error = entry.error or error
        finally:
            self._hand_over()
            for entry in group:
                entry.performed = True
                if entry is not own and entry.turn is not None:
                    entry.turn.release()

    def _take(self) -> list[AnyEntry]:
        """The next group: entries in order of arrival, no two of which conflict."""
        taken: list[AnyEntry] = []
        left: deque[AnyEntry] = deque()
        seen: set[Hashable] = set()
        with self._lock:
            if len(self._waiting) == 1:
                return [self._waiting.popleft()]
            while self._waiting and len(taken) < self._most:
                entry = self._waiting.popleft()
                keys = entry.conflicts()
                (left if not seen.isdisjoint(keys) else taken).append(entry)
                seen.update(keys)
            self._waiting.extendleft(reversed(left))
        return taken

    def _hand_over(self) -> None:
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            successor = self._waiting[0].turn
        assert successor is not None, "whoever came while another led, waits"
        successor.release()
