"""What is made when it is first asked for, is made once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from orders.domain.once import once


def test_callers_at_the_same_time_get_one_result() -> None:
    may_end, makings = Event(), []

    def make() -> object:
        makings.append(1)
        may_end.wait(30)
        return object()

    get = once(make)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(get) for _ in range(2)]
        while not all(answer.running() for answer in asked):
            time.sleep(0)
        may_end.set()
        first, second = (answer.result(30) for answer in asked)
    assert first is second is get()
    assert len(makings) == 1


def test_failure_is_not_remembered() -> None:
    results = iter([ValueError("not now"), "made"])

    def make() -> str:
        result = next(results)
        if isinstance(result, ValueError):
            raise result
        return str(result)

    get = once(make)
    with pytest.raises(ValueError, match="not now"):
        get()
    assert get() == get() == "made"
