"""The time that sending one message may take, from looking the host's name up to the answer's end.

A socket's own timeout starts again with each byte, so a receiver that sends one now and then would
keep a thread for as long as it likes.
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from types import TracebackType

from orders.domain.clock import Deadline


class TimeLimit:
    """Cuts the connection that is in use when its time is over; the block then raises
    `TimeoutError`.
    """

    def __init__(self, timeout_s: float) -> None:
        self._deadline = Deadline(timeout_s)
        self._over = False
        self._connected: socket.socket | None = None
        self._timer = threading.Timer(timeout_s, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> TimeLimit:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._over and isinstance(error, (OSError, ValueError, http.client.HTTPException)):
            raise TimeoutError from None

    @property
    def left_s(self) -> float:
        """Seconds that are left. Raises `TimeoutError` if there are none."""
        left_s = self._deadline.left_s
        if not left_s:
            raise TimeoutError
        return left_s

    def covers(self, connected: socket.socket) -> None:
        """Names the connection that is in use from now on. Raises `TimeoutError`."""
        self._connected = connected
        if self._over:
            raise TimeoutError

    def _cut(self) -> None:
        self._over = True
        if self._connected is not None:
            with suppress(OSError):
                self._connected.shutdown(socket.SHUT_RDWR)
