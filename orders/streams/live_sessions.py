"""Closes live connections whose session has ended or whose token has expired."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orders.accounts.sessions import Sessions
from orders.domain.caller import Caller, Credential
from orders.streams.turns import take_turn

Cut = Callable[[], object]


class LiveSessions:
    """The connections of this process that were opened with a token."""

    def __init__(self, sessions: Sessions, interval_s: float) -> None:
        self._sessions = sessions
        self._interval_s = interval_s
        self._connections: dict[object, tuple[Credential, Cut]] = {}

    def caller(self, token: object) -> Caller:
        """Who sends this bearer token. Raises as `Sessions.caller`."""
        return self._sessions.caller(token)

    def add(self, name: object, caller: Caller, cut: Cut) -> None:
        """Calls `cut` once the caller's session is over. Anonymous callers have no session."""
        if caller.credential is not None:
            self._connections[name] = (caller.credential, cut)

    def remove(self, name: object) -> None:
        """Forgets a connection that has ended by itself."""
        self._connections.pop(name, None)

    @contextmanager
    def watching(self, caller: Caller, cut: Cut) -> Iterator[None]:
        """As `add`, until the block ends."""
        name = object()
        self.add(name, caller, cut)
        try:
            yield
        finally:
            self.remove(name)

    def run(self) -> None:
        """Checks every `interval_s` seconds, for as long as the process lives."""
        while True:
            time.sleep(self._interval_s)
            take_turn(self.check)

    def check(self) -> None:
        """Cuts the connections whose sessions are over. Raises `StoreUnavailable`."""
        ended = self._sessions.ended({credential for credential, _ in self._connections.values()})
        for name, (credential, cut) in list(self._connections.items()):
            if credential in ended:
                self.remove(name)
                cut()
