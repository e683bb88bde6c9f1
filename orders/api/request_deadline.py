"""Reading from a client within one time limit for a whole request, however little it sends at a
time.
"""

from __future__ import annotations

import io
from typing import Any

from orders.domain.clock import Deadline


class BoundedReads(io.RawIOBase):
    """The bytes of a connection. After `begin`, all of a request must arrive within the limit.

    Later reads raise `TimeoutError`. Between requests the socket's own timeout applies.
    """

    def __init__(self, source: io.RawIOBase, connection: Any, limit_s: float) -> None:
        self._source = source
        self._connection = connection
        self._limit_s = limit_s
        self._deadline: Deadline | None = None

    def begin(self) -> None:
        """Starts the time limit, when a request begins to arrive."""
        self._deadline = Deadline(self._limit_s)

    def rest(self) -> None:
        """Ends the time limit, until the next request."""
        self._deadline = None

    @property
    def is_late(self) -> bool:
        """Whether the request's time is over."""
        return self._deadline is not None and not self._deadline.left_s

    def readable(self) -> bool:
        """Report that this stream can be read from."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill the buffer with what arrives next. Raises `TimeoutError`."""
        if self._deadline is None:
            return self._source.readinto(buffer)
        usual_s = self._connection.gettimeout()
        left_s = self._deadline.left_s
        if not left_s:
            raise TimeoutError("The request did not arrive in time.")
        self._connection.settimeout(left_s if usual_s is None else min(left_s, usual_s))
        try:
            return self._source.readinto(buffer)
        finally:
            self._connection.settimeout(usual_s)

    def close(self) -> None:
        """Releases the connection."""
        self._source.close()
        super().close()
