"""When each event was published: the moment at which Redis took it, by Redis' own account.

Redis' MONITOR tells every command it executes with the time, in microseconds of this machine's
clock, which is also the clock of the watchers.
"""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType
from typing import Any

from redis import Redis, RedisError

EVENT = re.compile(r"orderId\W+([0-9a-f-]{36})\W+sequence\W+(\d+)")
PATIENCE_S = 30


class Published:
    """While it is open: the time of publishing by order id and sequence."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Any = Redis.from_url(redis_url)
        self._times: dict[tuple[str, int], float] = {}
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Published:
        self._thread.start()
        self._listening.wait(PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._monitor.connection.disconnect()
        self._thread.join(PATIENCE_S)

    def take(self, events: int) -> dict[tuple[str, int], float]:
        """Waits until that many events were published; returns and forgets them."""
        give_up_at = time.monotonic() + PATIENCE_S
        while len(self._times) < events and time.monotonic() < give_up_at:
            time.sleep(0.01)
        taken, self._times = self._times, {}
        return taken

    def _listen(self) -> None:
        with self._redis.monitor() as self._monitor:
            self._listening.set()
            try:
                for command in self._monitor.listen():
                    for order_id, sequence in EVENT.findall(command["command"]):
                        self._times[order_id, int(sequence)] = command["time"]
            except (RedisError, OSError, ValueError, AttributeError):
                return  # It was closed.
