"""One key, one order; one order, one winner; a venue's fault is one of those a retry can meet."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog
from tests.clients import MARKET, submit
from tests.load import order_row, outcomes, violations, wait_quiet


def post(url: str, key: str) -> requests.Response:
    """Places a market order under a key."""
    headers = {"Idempotency-Key": key}
    return requests.post(f"{url}/api/orders/execute", json=MARKET, headers=headers, timeout=20)


def test_hundred_simultaneous_requests_with_one_key_place_one_order(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=1)
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


def test_of_a_cancel_and_a_worker_exactly_one_wins(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, swap_latency_ms="0", quote_latency_ms=0)

    def race(_: int) -> tuple[str, int]:
        order_id = submit(stack.url)
        return order_id, requests.delete(
            f"{stack.url}/api/orders/{order_id}", timeout=20
        ).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = dict(pool.map(race, range(150)))
    assert set(answers.values()) <= {200, 409}
    assert violations(stack.settings, ClientLog(set(answers))) == []
    for order_id, status_code in answers.items():
        won = "cancelled" if status_code == 200 else "confirmed"
        assert order_row(stack.settings, order_id) == (won,)


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the chain accepts and then does not answer": (
        "chain:timeout_after_accept",
        {"status": "confirmed", "attempts": 1},
    ),
    "the chain is often away": ("chain:rpc_unavailable:0.5", {"status": "confirmed"}),
    "one venue is down": (
        "raydium:down",
        {"status": "confirmed", "attempts": 1, "dex_used": "meteora"},
    ),
    "the other venue talks nonsense": (
        "meteora:nan",
        {"status": "confirmed", "attempts": 1, "dex_used": "raydium"},
    ),
    "both venues are down": (
        "raydium:down,meteora:down",
        {"status": "failed", "attempts": 3, "fail_code": "no_quote"},
    ),
    "the blockhash has always run out": (
        "chain:blockhash_expired",
        {"status": "failed", "attempts": 3, "fail_code": "blockhash_expired"},
    ),
}


def test_each_fault_of_the_market_ends_as_it_should(make_frail: MakeStack) -> None:
    stack = make_frail(workers=0, max_retries=2)
    placed: set[str] = set()
    for number, (fault, (setting, expected)) in enumerate(FAULTS.items()):
        stack.start_worker(f"worker{number}", market_faults=setting)
        ids = [submit(stack.url) for _ in range(4)]
        wait_quiet(stack.settings)
        for order_id in ids:
            found = order_row(stack.settings, order_id, ", ".join(expected))
            assert found == tuple(expected.values()), fault
        stack.kill(f"worker{number}")
        placed |= set(ids)
    assert violations(stack.settings, ClientLog(placed)) == []
