"""Reading from a client that has only so long for a whole request, however little it sends."""

from __future__ import annotations

import io
import time
from typing import Any


class BoundedReads(io.RawIOBase):
    """What a connection brings. After `begin` all of it must come within the limit.

    Reads that come too late raise `TimeoutError`. Between requests the socket's own timeout holds.
    """

    def __init__(self, source: io.RawIOBase, connection: Any, limit_s: float) -> None:
        self._source = source
        self._connection = connection
        self._limit_s = limit_s
        self._until: float | None = None

    def begin(self) -> None:
        """A request begins to arrive."""
        self._until = time.monotonic() + self._limit_s

    def rest(self) -> None:
        """No request is arriving."""
        self._until = None

    @property
    def is_late(self) -> bool:
        """Whether the request has had its time."""
        return self._until is not None and time.monotonic() >= self._until

    def readable(self) -> bool:
        """Tell that this is a stream to read from."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill the buffer with what arrives next. Raises `TimeoutError`."""
        if self._until is None:
            return self._source.readinto(buffer)
        usual_s = self._connection.gettimeout()
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("The request did not arrive in time.")
        self._connection.settimeout(left_s if usual_s is None else min(left_s, usual_s))
        try:
            return self._source.readinto(buffer)
        finally:
            self._connection.settimeout(usual_s)

    def close(self) -> None:
        """Let go of the connection."""
        self._source.close()
        super().close()
