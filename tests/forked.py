"""Running part of the engine in a child process that may die at any moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from orders.config import Settings
from orders.storage.database import database
from orders.wiring import Components, wire


def run_forked(settings: Settings, crash_points: str, work: Callable[[Components], object]) -> int:
    """Runs `work` on a system of its own in a forked child; returns the child's exit code."""
    return wait_for(start_forked(settings, crash_points, work))


def start_forked(
    settings: Settings, crash_points: str, work: Callable[[Components], object]
) -> int:
    """Starts the child and returns its pid."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            database.dispose()
            work(wire(replace(settings, crash_points=crash_points)))
            code = 0
        finally:
            os._exit(code)
    return child


def as_worker(order_id: UUID) -> Callable[[Components], object]:
    """Executes the order as a worker process does."""
    return lambda child: child.engine.execute(order_id)


def wait_for(child: int) -> int:
    """Waits for the child's end; returns its exit code."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
