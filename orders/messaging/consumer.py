"""Huey's consumer, whose worker threads are green threads of one OS thread.

Everything else is Huey's: its command line, its workers' loop, its scheduler, how it starts, looks
after its workers and stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from huey.constants import WORKER_THREAD
from huey.consumer import Consumer, Environment, ThreadEnvironment

from orders.domain.waiting import green
from orders.messaging.green_threads import Call, GreenThreads

SCHEDULER = "Scheduler"
"""What Huey calls the one of its threads that moves messages from the schedule to the queue."""
STOP_CHECK_S = 0.1
"""A green thread that sleeps looks this often whether it is to stop."""


class OrderConsumer(Consumer):  # type: ignore[misc]
    """Runs the workers of type `thread` as green threads, all others as Huey does."""

    def get_environment(self, worker_type: str) -> Environment:
        """How workers are run."""
        if worker_type != WORKER_THREAD:
            return super().get_environment(worker_type)
        threads = GreenThreads(self.workers, self.huey.storage)
        return GreenEnvironment(threads, self._graceful_sig, self._interrupt_sig)


class GreenEnvironment(ThreadEnvironment):  # type: ignore[misc]
    """Workers as green threads, the scheduler as an OS thread."""

    def __init__(self, threads: GreenThreads, *signals: Any) -> None:
        super().__init__(*signals)
        self._threads = threads

    def get_stop_flag(self) -> StopFlag:
        """What tells all threads to stop."""
        return StopFlag()

    def create_process(self, runnable: Callable[[], None], name: str) -> Any:
        """A thread that has not started yet."""
        if name == SCHEDULER:
            return super().create_process(runnable, name)
        return GreenWorker(self._threads, runnable)


class StopFlag(threading.Event):
    """An event for which OS threads and green ones wait, each in its way."""

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was set, at the latest after that time."""
        scheduler = green()
        if scheduler is None:
            return super().wait(timeout)
        left_s = float("inf") if timeout is None else timeout
        while left_s > 0 and not self.is_set():
            scheduler.sleep(min(left_s, STOP_CHECK_S))
            left_s -= STOP_CHECK_S
        return self.is_set()


class GreenWorker:
    """A green thread, as Huey's consumer expects a thread to look."""

    def __init__(self, threads: GreenThreads, runnable: Callable[[], None]) -> None:
        self._threads = threads
        self._runnable = runnable
        self._call: Call[None] | None = None

    def start(self) -> None:
        """Has it run."""
        self._call = self._threads.begin(self._runnable)

    def join(self, timeout: float | None = None) -> None:
        """Returns when it has ended, or after that time."""
        if self._call is not None:
            self._call.wait(timeout)

    def is_alive(self) -> bool:
        """Whether it has started and not ended."""
        return self._call is not None and not self._call.is_done
