"""Many orders on one OS thread: what keeps the steps of a worker's orders together.

A worker has one OS thread for each order in flight, because that is how Huey works. Woken one by
one after each commit, they would spend more time on taking turns at the interpreter than on the
orders. So they hand their orders over to one thread that runs each as a green thread, up to the
point where it has to wait. Only when none can go on, what they wait for is done, for all of them
at once: one commit instead of several small ones.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

from orders.dex.waiting import Turn, run_green_threads

Result = TypeVar("Result")


class GreenThreads:
    """Runs calls that OS threads hand over. The thread they run on starts with the first one.

    Up to `most_outside` calls that take long (`orders.dex.waiting.outside`) are made at once.
    """

    def __init__(self, most_outside: int) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._scheduler: greenlet | None = None
        self._arrived: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ready: deque[greenlet] = deque()
        self._gathering: deque[greenlet] = deque()
        self._sleeping: list[tuple[float, int, greenlet]] = []
        self._sleeps = 0
        self._closed = False
        self._outside = ThreadPoolExecutor(most_outside, thread_name_prefix="outside")

    def run(self, function: Callable[[], Result]) -> Result:
        """Has it run as a green thread, in the caller's context; returns or raises what it does.

        To be called from another OS thread.
        """
        if self._thread is None:
            self._start()
        call = _Call(function)
        self._arrived.put(lambda: call.begin(self._scheduler))
        return call.wait()

    def close(self) -> None:
        """Ends the thread once none of the calls can go on; no call may follow."""
        self._arrived.put(self._end)
        if self._thread is not None:
            self._thread.join()
        self._outside.shutdown()

    def turn(self) -> Turn:
        """One to be awaited by the green thread that asks."""
        return _GreenTurn(self)

    def sleep(self, seconds: float) -> None:
        """Lets the others go on for that time."""
        self._sleeps += 1  # Of two that wake at once, the first to sleep goes first.
        heapq.heappush(self._sleeping, (time.monotonic() + seconds, self._sleeps, getcurrent()))
        self.pause()

    def gather(self) -> None:
        """Lets the others go on until none of them can."""
        self._gathering.append(getcurrent())
        self.pause()

    def outside(self, call: Callable[[], Result]) -> Result:
        """Has another OS thread make the call; the others go on meanwhile."""
        turn = _GreenTurn(self)
        answer = self._outside.submit(copy_context().run, call)
        answer.add_done_callback(lambda _: turn.release())
        turn.acquire()
        return answer.result()

    def pause(self) -> None:
        """Lets the others go on until `resume` is called with this green thread."""
        assert self._scheduler is not None
        self._scheduler.switch()

    def resume(self, paused: greenlet) -> None:
        """Lets a green thread go on. Only on the thread of the green threads."""
        self._ready.append(paused)

    def call_soon(self, function: Callable[[], None]) -> None:
        """Calls it on the thread of the green threads: at once if this is it."""
        if threading.current_thread() is self._thread:
            function()
        else:
            self._arrived.put(function)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._loop, name="green threads", daemon=True)
                thread.start()
                self._thread = thread

    def _loop(self) -> None:
        self._scheduler = getcurrent()
        run_green_threads(self)
        while not self._closed:
            self._wake_sleepers()
            if self._ready:
                self._ready.popleft().switch()
            elif not self._arrived.empty():
                self._arrived.get()()
            elif self._gathering:
                self._gathering.popleft().switch()
            else:
                self._await_arrival()

    def _wake_sleepers(self) -> None:
        while self._sleeping and self._sleeping[0][0] <= time.monotonic():
            self.resume(heapq.heappop(self._sleeping)[2])

    def _await_arrival(self) -> None:
        wait_s = max(0.0, self._sleeping[0][0] - time.monotonic()) if self._sleeping else None
        with suppress(Empty):  # Nothing arrived, but a sleeper's time has come.
            self._arrived.get(timeout=wait_s)()

    def _end(self) -> None:
        self._closed = True


class _Call(Generic[Result]):
    """One call: handed over by an OS thread, which waits for it."""

    __slots__ = ("_context", "_done", "_error", "_function", "_result")

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._context = copy_context()
        self._result: Result
        self._error: BaseException | None = None
        self._done = threading.Lock()
        self._done.acquire()

    def begin(self, scheduler: greenlet | None) -> None:
        """Runs it, until it has to wait for the first time."""
        thread = greenlet(self._run, scheduler)
        thread.gr_context = self._context
        thread.switch()

    def wait(self) -> Result:
        """Its result; raises what it raised."""
        self._done.acquire()
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error
        finally:
            self._done.release()


class _GreenTurn:
    """A turn that a green thread waits for; whoever releases it may be on any thread."""

    __slots__ = ("_released", "_scheduler", "_waiting")

    def __init__(self, scheduler: GreenThreads) -> None:
        self._scheduler = scheduler
        self._waiting: greenlet | None = None
        self._released = False

    def acquire(self) -> Any:
        """Returns once it was released."""
        if not self._released:
            self._waiting = getcurrent()
            self._scheduler.pause()

    def release(self) -> None:
        """Lets the one that waits go on."""
        self._scheduler.call_soon(self._let_go)

    def _let_go(self) -> None:
        self._released = True
        if self._waiting is not None:
            self._scheduler.resume(self._waiting)
