"""What python-socketio and python-engineio have to say, without what clients sent."""

from __future__ import annotations

import sys

from orders.observability import observe


class PacketLog:
    """Stands in for a logger.

    Their own lines repeat packets and query strings, with a traceback for each packet that can't
    be read. The failures of this service are observed where they happen, in `OrderNamespace`.
    """

    def debug(self, *_: object) -> None:
        """Say nothing: there are several for each packet."""

    info = warning = error = debug

    def exception(self, place: str, *_: object) -> None:
        """Log that something could not be understood, in one line."""
        observe.packet_refused(place, sys.exception())
