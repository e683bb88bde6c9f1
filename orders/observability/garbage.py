"""Garbage collection with short pauses: objects from the start-up are exempt, the rest is scanned
rarely.

Each collection is timed; the metrics show the pauses.
"""

from __future__ import annotations

import gc
import time
from collections import deque

from orders.observability import metrics

THRESHOLDS = (10_000, 10, 10)
"""New objects before a young collection, young collections before a middle one, middle ones before
a full one.
"""
UNREAD_MAX = 10_000


class CollectionTimer:
    """Times each garbage collection.

    A collection may begin anywhere, even while this thread holds the lock of a metric, so nothing
    is counted here: `count` does that later.
    """

    def __init__(self) -> None:
        self._started_at = 0.0
        self._unread: deque[tuple[int, float]] = deque(maxlen=UNREAD_MAX)

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        """The callback for `gc.callbacks`, called at the start and at the stop of a collection."""
        if phase == "start":
            self._started_at = time.perf_counter()
        else:
            self._unread.append((info["generation"], time.perf_counter() - self._started_at))

    def count(self) -> None:
        """Counts the collections since the last call."""
        while self._unread:
            generation, seconds = self._unread.popleft()
            metrics.COLLECTION_TIME[(str(generation),)].observe(seconds)


collections = CollectionTimer()
"""This process's collections."""


def settle_garbage_collection() -> None:
    """Exempts all present objects from collection, and turns it on if it was off.

    Call it once the process is ready to work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
    gc.callbacks.append(collections)
