"""The log of python-socketio and python-engineio, without what clients sent."""

from __future__ import annotations

import sys

from orders.observability import observe


class PacketLog:
    """Replaces their logger.

    Their own lines repeat packets and query strings, with a traceback for each malformed packet.
    This service logs its failures in `OrderNamespace`.
    """

    def debug(self, *_: object) -> None:
        """Logs nothing: there are several such lines per packet."""

    info = warning = error = debug

    def exception(self, place: str, *_: object) -> None:
        """Logs that something was malformed, in one line."""
        observe.packet_refused(place, sys.exception())
