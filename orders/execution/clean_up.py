"""Removing what is no longer needed: all that is due, in bounded batches."""

from __future__ import annotations

import time
from collections.abc import Callable

from orders.config import Settings
from orders.domain.clock import Deadline
from orders.execution.watcher import Duty


def clean_up_duty(name: str, settings: Settings, remove_batch: Callable[[], int]) -> Duty:
    """A duty that removes batch after batch until one finds nothing.

    After `clean_up_stretch_s` the watcher's other duties get their turn; then it goes on at once.
    """

    def run() -> None:
        stretch = Deadline(settings.clean_up_stretch_s)
        while remove_batch():
            if not stretch.left_s:
                duty.next_at = time.monotonic()
                return

    duty = Duty(name, run, settings.clean_up_interval_s)
    return duty
