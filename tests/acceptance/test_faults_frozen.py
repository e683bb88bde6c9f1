"""PostgreSQL frozen, not dead: connections stay open, no answer comes, and no timeout of the
operating system ends that.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psutil
import pytest
import requests

from tests.acceptance.conftest import MakeStack, Servers
from tests.clients import MARKET, submit, wait_until
from tests.load import Load, fail_codes, order_row, outcomes, violations

SEED = 20_261_124
ROUTES = [
    ("POST", "/api/orders/execute", MARKET),
    ("GET", "/api/orders", None),
    ("GET", "/api/queue/metrics", None),
    ("GET", "/health/ready", None),
]
TIMEOUT_S = 2.0
MARGIN_S = 1.5
"""How much longer than the timeout a request may take on a machine that is busy with other tests.
"""


@contextmanager
def frozen(servers: Servers) -> Iterator[None]:
    """A block in which the postmaster and all its children stand still."""
    postmaster = psutil.Process(servers.postgres.pid)
    postmaster.send_signal(signal.SIGSTOP)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped[1:]:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):  # A backend whose client has left ends at once.
                process.send_signal(signal.SIGCONT)


def ask(stack_url: str, method: str, path: str, body: object) -> requests.Response:
    return requests.request(method, stack_url + path, json=body, timeout=TIMEOUT_S + MARGIN_S)


@pytest.mark.timeout(120)
def test_every_request_is_answered_within_the_timeout_and_work_resumes_afterwards(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(database_timeout_s=TIMEOUT_S)
    submit(stack.url)
    wait_until(lambda: outcomes(stack.settings) == {"confirmed": 1}, "a fill")
    with frozen(servers), ThreadPoolExecutor(len(ROUTES)) as clients:
        # The first requests find it out; later ones must not wait.
        for _ in range(2):
            answers = list(clients.map(lambda route: ask(stack.url, *route), ROUTES))
            assert [answer.status_code for answer in answers] == [503] * len(ROUTES)
            assert {answer.json().get("code") for answer in answers[:3]} == {"store_unavailable"}
            assert all(answer.headers["Retry-After"] for answer in answers[:3])
        assert requests.get(f"{stack.url}/health", timeout=10).status_code == 200
        for _ in range(20):
            assert ask(stack.url, *ROUTES[0]).status_code == 503
    wait_until(lambda: requests.get(f"{stack.url}/health/ready", timeout=10).ok, "readiness")
    order_id = submit(stack.url)
    wait_until(lambda: order_row(stack.settings, order_id) == ("confirmed",), "a fill")
    resting = submit(stack.url, type="stop", stopPrice="900000000")
    wait_until(lambda: order_row(stack.settings, resting) == ("confirmed",), "the watcher")


@pytest.mark.timeout(180)
def test_freezes_under_load_neither_lose_nor_duplicate_orders(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(workers=2, watchers=2, database_timeout_s=0.5)
    with Load(stack.url, SEED).running() as load:
        for _ in range(3):
            load.wait_for(10)
            with frozen(servers):
                load.wait_for_refusals("store_unavailable", 3)
                time.sleep(1)
        load.wait_for(10)
    assert load.refused == {}
    assert set(load.asked_again) <= {"store_unavailable"}
    assert violations(stack.settings, load.log) == []
    assert fail_codes(stack.settings) == {}
