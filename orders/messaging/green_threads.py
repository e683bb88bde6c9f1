"""Many orders on one OS thread: what keeps the steps of a worker's orders together.

Each order in flight runs as a green thread, up to the point where it has to wait. Only when none
can go on, what they wait for is done, for all of them at once: new messages are taken, one commit
is made instead of several small ones. Woken one by one as OS threads, they would spend more time
on taking turns at the interpreter than on the orders.
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
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from greenlet import getcurrent, greenlet

from orders.domain.waiting import Turn, run_green_threads

Result = TypeVar("Result")


class Source(Protocol):
    """Where the messages come from that green threads wait for."""

    def take(self, most: int) -> list[bytes]:
        """Up to that many messages that are there already; asked by the green threads' thread."""

    def wait(self) -> bytes | None:
        """The next message, or None if none came for a while; asked by another OS thread.

        What it raises is raised to all that wait.
        """


class GreenThreads:
    """Runs calls that OS threads hand over. The thread they run on starts with the first one.

    Up to `most_outside` calls that take long (`orders.domain.waiting.outside`) are made at once.
    Messages that are received come from `source`.
    """

    def __init__(self, most_outside: int, source: Source | None = None) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._scheduler: greenlet | None = None
        self._arrived: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ready: deque[greenlet] = deque()
        self._gathering: deque[greenlet] = deque()
        self._sleeping: list[tuple[float, int, greenlet]] = []
        self._sleeps = 0
        self._receiving: deque[_Receiver] = deque()
        self._source = source
        self._source_wanted: SimpleQueue[bool] = SimpleQueue()
        self._source_awaited = False
        self._closed = False
        self._outside = ThreadPoolExecutor(most_outside, thread_name_prefix="outside")

    def run(self, function: Callable[[], Result]) -> Result:
        """Has it run as a green thread, in the caller's context; returns or raises what it does.

        To be called from another OS thread.
        """
        return self.begin(function).result()

    def begin(self, function: Callable[[], Result]) -> Call[Result]:
        """Has it run as a green thread, in the caller's context."""
        if self._thread is None:
            self._start()
        call = Call(function)
        self._arrived.put(lambda: call.begin(self._scheduler))
        return call

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

    def receive(self) -> bytes | None:
        """The next message of the source, or None if there was none for a while; the others go
        on meanwhile. Raises what the source raised."""
        assert self._source is not None
        receiver = _Receiver(getcurrent())
        self._receiving.append(receiver)
        self.pause()
        if receiver.error is not None:
            raise receiver.error
        return receiver.message

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
                if self._source is not None:
                    wait = partial(self._wait_for_source, self._source)
                    threading.Thread(target=wait, name="messages", daemon=True).start()

    def _loop(self) -> None:
        self._scheduler = getcurrent()
        run_green_threads(self)
        while not self._closed:
            self._wake_sleepers()
            if self._ready:
                self._ready.popleft().switch()
            elif not self._arrived.empty():
                self._arrived.get()()
            elif self._receiving and self._take_messages():
                continue
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

    def _take_messages(self) -> bool:
        """Hands out messages that are there; if none is and nothing else is to be done, has the
        other thread wait for one."""
        if self._source is None or self._source_awaited:
            return False
        messages = self._source.take(len(self._receiving))
        if not messages and not self._gathering:
            self._source_awaited = True
            self._source_wanted.put(True)
        for message in messages:
            self._hand_out(message, None)
        return bool(messages)

    def _wait_for_source(self, source: Source) -> None:
        """The other thread: waits for a message as often as it is asked to."""
        while self._source_wanted.get():
            message, error = None, None
            try:
                message = source.wait()
            except Exception as raised:
                error = raised
            self._arrived.put(partial(self._end_waiting, message, error))

    def _end_waiting(self, message: bytes | None, error: Exception | None) -> None:
        self._source_awaited = False
        if message is not None:
            self._hand_out(message, None)
            return
        while self._receiving:
            self._hand_out(None, error)

    def _hand_out(self, message: bytes | None, error: Exception | None) -> None:
        receiver = self._receiving.popleft()
        receiver.message, receiver.error = message, error
        self.resume(receiver.thread)

    def _end(self) -> None:
        self._closed = True
        self._source_wanted.put(False)


@dataclass(slots=True)
class _Receiver:
    """A green thread that waits for a message."""

    thread: greenlet
    message: bytes | None = None
    error: Exception | None = None


class Call(Generic[Result]):
    """One call: handed over by an OS thread, which may wait for it."""

    __slots__ = ("_context", "_done", "_error", "_function", "_result")

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._context = copy_context()
        self._result: Result
        self._error: BaseException | None = None
        self._done = threading.Event()

    def begin(self, scheduler: greenlet | None) -> None:
        """Runs it, until it has to wait for the first time."""
        thread = greenlet(self._run, scheduler)
        thread.gr_context = self._context
        thread.switch()

    @property
    def is_done(self) -> bool:
        """Whether it has ended."""
        return self._done.is_set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Returns when it has ended, or after that time."""
        self._done.wait(timeout_s)

    def result(self) -> Result:
        """Its result, once it has ended; raises what it raised."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()


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
