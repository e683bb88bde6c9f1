"""Calls of many OS threads, run as green threads of one: together, never in each other's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from queue import SimpleQueue

import pytest

from orders.domain.clock import SystemClock
from orders.domain.waiting import green, outside
from orders.messaging.consumer import StopFlag
from orders.messaging.green_threads import GreenThreads
from orders.storage.batching import Entry, GroupCommit
from tests.clients import wait_until

CALLERS = 10
PATIENCE_S = 20


@pytest.fixture
def threads() -> Iterator[GreenThreads]:
    opened = GreenThreads(most_outside=CALLERS)
    yield opened
    opened.close()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2 * CALLERS) as pool:
        yield pool


@dataclass(slots=True)
class Number(Entry):
    value: int
    doubled: int = 0


class Doubling:
    """Doubles numbers in groups, and notes the groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self._group_commit: GroupCommit[Number] = GroupCommit(self._perform, 100)

    def double(self, value: int) -> int:
        number = Number(value)
        self._group_commit.submit(number)
        return number.doubled

    def _perform(self, group: list[Number]) -> None:
        self.groups.append([number.value for number in group])
        for number in group:
            if number.value < 0:
                raise ValueError("negative")
            number.doubled = 2 * number.value


def test_result_and_error_of_a_call_reach_its_caller(threads: GreenThreads) -> None:
    assert threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        threads.run(lambda: 1 // 0)
    assert threads.run(lambda: 8) == 8


def test_what_is_asked_at_the_same_time_is_done_at_once(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    doubling = Doubling()
    go = threading.Event()
    first = callers.submit(threads.run, lambda: go.wait(PATIENCE_S))
    answers = [
        callers.submit(threads.run, lambda n=number: doubling.double(doubling.double(n)))
        for number in range(CALLERS)
    ]
    while threads._arrived.qsize() < CALLERS:
        time.sleep(0.001)
    go.set()
    assert [answer.result() for answer in answers] == [4 * n for n in range(CALLERS)]
    assert [len(group) for group in doubling.groups] == [CALLERS, CALLERS]
    assert first.result()


def test_an_error_of_a_group_is_raised_to_each_of_it(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    doubling = Doubling()
    go = threading.Event()
    callers.submit(threads.run, lambda: go.wait(PATIENCE_S))
    answers = [
        callers.submit(threads.run, lambda n=number: doubling.double(n)) for number in (1, 2, -3)
    ]
    while threads._arrived.qsize() < len(answers):
        time.sleep(0.001)
    go.set()
    for answer in answers:
        with pytest.raises(ValueError, match="negative"):
            answer.result()


def test_os_threads_and_green_ones_share_groups_without_a_lost_answer(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    doubling = Doubling()

    def double_many(start: int) -> list[int]:
        return [doubling.double(start + n) for n in range(300)]

    starts = range(0, 2 * CALLERS * 1000, 1000)
    answers = [
        callers.submit(threads.run, lambda s=start: double_many(s))
        if start % 2000
        else callers.submit(double_many, start)
        for start in starts
    ]
    for start, answer in zip(starts, answers, strict=True):
        assert answer.result(PATIENCE_S) == [2 * (start + n) for n in range(300)]
    assert sum(map(len, doubling.groups)) == 300 * len(starts)


def test_who_sleeps_lets_the_others_go_on(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    done = []

    def sleep_until_done() -> None:
        while not done:
            SystemClock().sleep(0.001)

    sleeper = callers.submit(threads.run, sleep_until_done)
    threads.run(lambda: done.append(True))
    sleeper.result(PATIENCE_S)


def test_sleepers_wake_in_the_order_of_their_times(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    woken: list[float] = []
    go = threading.Event()
    callers.submit(threads.run, lambda: go.wait(PATIENCE_S))

    def sleep(seconds: float) -> None:
        SystemClock().sleep(seconds)
        woken.append(seconds)

    sleepers = [callers.submit(threads.run, lambda s=s: sleep(s)) for s in (0.3, 0.1, 0.2)]
    while threads._arrived.qsize() < len(sleepers):
        time.sleep(0.001)
    go.set()
    for sleeper in sleepers:
        sleeper.result(PATIENCE_S)
    assert woken == [0.1, 0.2, 0.3]


def test_who_waits_for_a_long_call_lets_the_others_go_on(
    threads: GreenThreads, callers: ThreadPoolExecutor
) -> None:
    done = threading.Event()
    waiting = callers.submit(threads.run, lambda: outside(lambda: done.wait(PATIENCE_S)))
    threads.run(done.set)
    assert waiting.result(PATIENCE_S)
    with pytest.raises(ZeroDivisionError):
        threads.run(lambda: outside(lambda: 1 // 0))


def test_a_call_runs_in_the_context_of_its_caller(threads: GreenThreads) -> None:
    name: ContextVar[str] = ContextVar("name", default="nobody")

    def rename() -> str:
        before = name.get()
        name.set("green")
        return before

    name.set("caller")
    assert threads.run(rename) == "caller"
    assert threads.run(lambda: outside(name.get)) == "caller"
    assert name.get() == "caller"


class Letters:
    """Messages as a worker's source gives them; notes how they were asked for."""

    def __init__(self, there: list[bytes]) -> None:
        self.there = there
        self.comes: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        self.asked: list[int] = []
        self.waited_by: set[int] = set()

    def take(self, most: int) -> list[bytes]:
        self.asked.append(most)
        taken, self.there = self.there[:most], self.there[most:]
        return taken

    def wait(self) -> bytes | None:
        self.waited_by.add(threading.get_ident())
        came = self.comes.get(timeout=PATIENCE_S)
        if isinstance(came, Exception):
            raise came
        return came


@pytest.fixture
def letters() -> Letters:
    return Letters([])


@pytest.fixture
def readers(letters: Letters) -> Iterator[GreenThreads]:
    opened = GreenThreads(CALLERS, letters)
    yield opened
    letters.comes.put(None)
    opened.close()


def test_messages_that_are_there_are_taken_at_once_by_all_who_wait(
    letters: Letters, readers: GreenThreads
) -> None:
    letters.there = [b"%d" % number for number in range(CALLERS + 2)]
    go = threading.Event()
    readers.begin(lambda: go.wait(PATIENCE_S))
    received = [readers.begin(readers.receive) for _ in range(CALLERS)]
    go.set()
    assert [call.result() for call in received] == [b"%d" % number for number in range(CALLERS)]
    assert letters.asked == [CALLERS]
    assert letters.there == [b"10", b"11"]


def test_orders_in_flight_go_on_while_others_wait_for_a_message(
    letters: Letters, readers: GreenThreads
) -> None:
    received = readers.begin(readers.receive)
    wait_until(lambda: letters.waited_by)
    doubling = Doubling()
    assert readers.run(lambda: doubling.double(3)) == 6
    assert readers.run(threading.get_ident) not in letters.waited_by
    assert not received.is_done
    letters.comes.put(b"late")
    assert received.result() == b"late"


def test_work_that_can_be_done_now_is_not_kept_waiting_for_a_message(
    letters: Letters, readers: GreenThreads
) -> None:
    doubling = Doubling()
    go = threading.Event()
    readers.begin(lambda: go.wait(PATIENCE_S))
    doubled = readers.begin(lambda: doubling.double(3))
    received = readers.begin(readers.receive)
    go.set()
    assert doubled.result() == 6
    letters.comes.put(b"late")
    assert received.result() == b"late"


def test_end_of_a_wait_without_a_message_is_told_to_all_who_wait(
    letters: Letters, readers: GreenThreads
) -> None:
    received = [readers.begin(readers.receive) for _ in range(3)]
    wait_until(lambda: letters.waited_by)
    wait_until(lambda: len(readers._receiving) == 3)
    letters.comes.put(None)
    assert [call.result() for call in received] == [None] * 3


def test_error_of_the_source_is_raised_to_all_who_wait_and_forgotten(
    letters: Letters, readers: GreenThreads
) -> None:
    received = [readers.begin(readers.receive) for _ in range(3)]
    wait_until(lambda: len(readers._receiving) == 3)
    letters.comes.put(ConnectionError("away"))
    for call in received:
        with pytest.raises(ConnectionError, match="away"):
            call.result()
    letters.comes.put(b"back")
    assert readers.run(readers.receive) == b"back"


def test_who_waits_for_the_flag_to_stop_lets_the_others_go_on(threads: GreenThreads) -> None:
    stop = StopFlag()
    waiting = [threads.begin(lambda: stop.wait(PATIENCE_S)) for _ in range(3)]
    assert not threads.run(lambda: stop.wait(0.01))
    threads.run(stop.set)
    assert [call.result() for call in waiting] == [True] * 3
    assert stop.wait(PATIENCE_S)


def test_an_os_thread_waits_by_itself() -> None:
    assert green() is None
    assert outside(threading.get_ident) == threading.get_ident()
