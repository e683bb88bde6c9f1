"""Concurrent requests: each key has one order, each order one winner."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from orders.domain.failpoints import EXIT_CODE
from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog
from tests.clients import MARKET, submit
from tests.load import order_row, outcomes, violations, wait_quiet
from tests.races import Seesaw


def post(url: str, key: str) -> requests.Response:
    """Posts a market order with an Idempotency-Key."""
    headers = {"Idempotency-Key": key}
    return requests.post(f"{url}/api/orders/execute", json=MARKET, headers=headers, timeout=20)


def test_hundred_simultaneous_requests_with_one_key_place_one_order(
    make_frail: MakeStack,
) -> None:
    # On a busy machine the last of a hundred may wait for a connection for seconds.
    stack = make_frail(workers=1, database_timeout_s=20)
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: post(stack.url, "one"), range(100)))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 99}
    assert len({answer.json()["orderId"] for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert Counter(replayed) == {"true": 99, None: 1}
    wait_quiet(stack.settings)
    assert outcomes(stack.settings) == {"confirmed": 1}


def test_key_of_a_request_whose_process_died_gives_the_order_it_stored(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=1, web=False)
    stack.start_web("dying", crash_points="after_commit")
    with pytest.raises(requests.ConnectionError):
        post(stack.url, "half-way")
    stack.processes.pop("dying").wait(timeout=10)
    stack.start_web("web")
    again = post(stack.url, "half-way")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    wait_quiet(stack.settings)
    assert outcomes(stack.settings) == {"confirmed": 1}


def test_order_answered_before_anything_was_published_is_executed(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, web=False)
    stack.start_web("dying", crash_points="before_publishing")
    order_id = submit(stack.url)
    assert stack.processes.pop("dying").wait(timeout=10) == EXIT_CODE
    stack.start_web("web")
    wait_quiet(stack.settings)
    assert order_row(stack.settings, order_id)[0] == "confirmed"
    assert violations(stack.settings, ClientLog({order_id})) == []


def test_key_of_a_request_whose_process_died_before_storing_places_the_order(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=0, watchers=0, web=False)
    stack.start_web("first")
    stack.kill("first")
    with pytest.raises(requests.ConnectionError):
        post(stack.url, "too early")
    stack.start_web("web")
    assert [post(stack.url, "too early").status_code for _ in range(2)] == [202, 200]


def test_retry_reads_the_order_anew(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, quote_latency_ms=0, slippage_failure_rate=1.0, log_level="DEBUG")
    order_id = submit(stack.url)
    wait_quiet(stack.settings)
    assert order_row(stack.settings, order_id)[0] == "failed"
    assert "attempt_failed" in stack.logs()
    assert "order_fenced" not in stack.logs()


def test_cancel_and_worker_that_race_have_one_winner(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, swap_latency_ms="0", worker_concurrency=1)
    seesaw = Seesaw()

    def race(_: int) -> tuple[str, str]:
        order_id = submit(stack.url)
        time.sleep(max(seesaw.head_start_s, 0.0))
        address = f"{stack.url}/api/orders/{order_id}"
        answer = requests.delete(address, timeout=20).status_code
        seesaw.note(answer == 409)
        return order_id, {200: "cancelled", 409: "confirmed"}[answer]

    with ThreadPoolExecutor(4) as pool:
        won = dict(pool.map(race, range(150)))
    assert violations(stack.settings, ClientLog(set(won))) == []
    assert {order_id: order_row(stack.settings, order_id)[0] for order_id in won} == won
    assert min(seesaw.won["first"], seesaw.won["second"]) >= 10, seesaw
