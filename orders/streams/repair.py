"""Compares what was streamed with PostgreSQL, so that a stream may be late, but never wrong."""

from __future__ import annotations

from threading import Event
from uuid import UUID

from orders.observability import observe
from orders.storage.database import connection, database
from orders.streams.hub import Hubs
from orders.streams.turns import take_turn

SEQUENCES = "SELECT id, sequence FROM orders WHERE id = ANY(%s)"


class Repair:
    """Runs one query for all watched orders every few seconds, and after each reconnection."""

    def __init__(self, hubs: Hubs, interval_s: float) -> None:
        self._hubs = hubs
        self._interval_s = interval_s
        self._wanted = Event()

    def soon(self) -> None:
        """Compares now instead of at the next turn."""
        self._wanted.set()

    def run(self) -> None:
        """Repairs for as long as the process lives."""
        while True:
            self._wanted.wait(self._interval_s)
            self._wanted.clear()
            take_turn(self.compare)

    def compare(self) -> int:
        """Repairs every hub that is behind; returns their number. Raises `StoreUnavailable`."""
        watched = {hub.order_id: hub for hub in self._hubs.live()}
        if not watched:
            return 0
        with connection():
            stored: dict[UUID, int] = dict(
                database.execute_sql(SEQUENCES, (list(watched),)).fetchall()
            )
        behind = [
            hub
            for hub in watched.values()
            if hub.sequence is not None and hub.sequence < stored.get(hub.order_id, 0)
        ]
        for hub in behind:
            observe.stream_repaired(hub.order_id)
            hub.repair()
        return len(behind)
