"""Doing at once what several callers ask for at the same time: leader and followers.

The first caller to find nobody at work performs its own entry and all that has gathered meanwhile,
as databases commit in groups: one piece when idle, so that nobody is delayed, many under load.
Works with OS threads, with green ones (`orders.domain.waiting`), and with both at once.
"""

from collections import deque
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from orders.domain.waiting import Turn, green, held_turn


@dataclass(slots=True)
class Entry:
    """What one caller asks for. Whoever performs it leaves the result in it, or `error`."""

    error: BaseException | None = field(default=None, init=False)
    performed: bool = field(default=False, init=False)
    turn: Turn | None = field(default=None, init=False)

    def conflicts(self) -> Collection[Hashable]:
        """No two pieces of one group share any of these."""
        return ()


AnyEntry = TypeVar("AnyEntry", bound=Entry)


class GroupCommit(Generic[AnyEntry]):
    """`perform` is called by one thread at a time, with up to `most` pieces in order of arrival.

    What it raises is raised to all of the group that have no error of their own.
    """

    def __init__(self, perform: Callable[[list[AnyEntry]], None], most: int) -> None:
        self._perform = perform
        self._most = most
        self._lock = Lock()
        self._waiting: deque[AnyEntry] = deque()
        self._busy = False

    def submit(self, entry: AnyEntry) -> None:
        """Returns when the entry is done. Raises its error."""
        with self._lock:
            self._waiting.append(entry)
            if self._busy:
                entry.turn = held_turn()
            self._busy = True
        if entry.turn is not None:
            entry.turn.acquire()
        if not entry.performed:
            if scheduler := green():
                scheduler.gather()
            self._lead(entry)
        if entry.error is not None:
            raise entry.error

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
        """The next group: in order of arrival, no two in conflict."""
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
