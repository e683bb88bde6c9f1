"""Processes killed or stopped at any moment: no order is lost, none is filled twice."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from orders.config import Settings
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from tests import direct
from tests.acceptance.conftest import MakeStack
from tests.clients import wait_until
from tests.load import Load, fail_codes, order_row, outcomes, query, violations, wait_quiet
from tests.stack import Stack

SEED = 20_261_121
STUCK = """
import pathlib, time
pathlib.Path(__file__).with_name("stuck").touch()
while True:
    time.sleep(0.05)
"""
"""In short sleeps: Python runs a signal's handler between two instructions, so a signal that comes
right before a blocking call waits for the end of that call."""


def test_random_kills_of_all_processes_leave_every_order_with_one_fate(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=2)
    chance = random.Random(SEED)
    with Load(stack.url, SEED).running() as load:
        for name in ("worker0", "watcher0", "worker1", "web", "worker0", "worker1", "watcher0"):
            load.wait_for(15)
            time.sleep(chance.uniform(0, 0.2))
            stack.kill(name)
            restart = {"wa": stack.start_watcher, "we": stack.start_web}
            restart.get(name[:2], stack.start_worker)(name)
    assert load.refused == {}
    assert violations(stack.settings, load.log) == []
    assert set(fail_codes(stack.settings)) == set()
    assert outcomes(stack.settings)["confirmed"] > 50


def test_orders_of_a_killed_worker_are_finished_by_another(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, watchers=1, web=False, swap_latency_ms="1500")
    ids = direct.place(stack.settings, 4)
    wait_until(lambda: outcomes(stack.settings)["submitted"] == 4, "four submitted orders")
    stack.kill("worker0")
    stack.start_worker("worker1")
    wait_quiet(stack.settings)
    assert outcomes(stack.settings) == {"confirmed": 4}
    sent = query(
        stack.settings, "SELECT count(*), count(DISTINCT order_id) FROM chain.transactions"
    )
    assert sent == [(len(ids), len(ids))]


def test_orders_of_a_worker_killed_while_it_asks_for_quotes_start_again(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=0, web=False)
    stack.start_worker("slow", quote_latency_ms=1900)
    (order_id,) = direct.place(stack.settings)
    wait_until(lambda: order_row(stack.settings, order_id) == ("routing",), "the claim")
    stack.kill("slow")
    stack.start_worker("quick")
    wait_quiet(stack.settings)
    columns = "status, attempts, recoveries"
    assert order_row(stack.settings, order_id, columns) == ("confirmed", 1, 1)


def test_second_watcher_takes_over_when_the_first_is_killed(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, watchers=0, web=False)
    stack.start_watcher("first")
    assert _triggers(stack.settings)
    stack.start_watcher("second")
    stack.kill("first")
    assert _triggers(stack.settings)


def test_second_watcher_takes_over_when_the_first_is_frozen(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1, watchers=0, web=False)
    stack.start_watcher("first")
    assert _triggers(stack.settings)
    frozen = stack.processes["first"]
    frozen.send_signal(signal.SIGSTOP)
    try:
        stack.start_watcher("second")
        assert _triggers(stack.settings)
    finally:
        frozen.send_signal(signal.SIGCONT)
    assert _triggers(stack.settings)
    assert stack.kill("first", signal.SIGTERM) == 0


def test_sigterm_under_load_ends_every_process_with_exit_code_0(make_frail: MakeStack) -> None:
    stack = make_frail(workers=2, watchers=2)
    with Load(stack.url, SEED + 1).running() as load:
        load.wait_for(40)
        assert stack.kill("worker0", signal.SIGTERM) == 0
        assert stack.kill("watcher0", signal.SIGTERM) == 0
        load.wait_for(20)
        assert stack.kill("web", signal.SIGTERM) == 0
        assert stack.kill("worker1", signal.SIGTERM) == 0
        stack.start_worker("worker2")
        stack.start_web()
        load.wait_for(20)
    assert load.refused == {}
    assert violations(stack.settings, load.log) == []
    assert stack.kill("watcher1", signal.SIGTERM) == 0


@pytest.mark.parametrize("start", [Stack.spawn_web, Stack.start_worker, Stack.start_watcher])
def test_process_told_to_stop_while_it_starts_ends_with_exit_code_0(
    make_stack: MakeStack, tmp_path: Path, start: Callable[..., None]
) -> None:
    # Stands for a library whose import never ends.
    (tmp_path / "prometheus_client.py").write_text(STUCK)
    stack = make_stack(workers=0, watchers=0, web=False)
    start(stack, "starting", pythonpath=tmp_path)
    wait_until((tmp_path / "stuck").exists, "the import")
    assert stack.kill("starting", signal.SIGTERM) == 0


def test_worker_told_to_stop_finishes_the_orders_it_has(make_frail: MakeStack) -> None:
    # The lease would outlive the test: nobody else can finish these orders.
    stack = make_frail(workers=1, watchers=0, web=False, swap_latency_ms="1000", lease_s=600)
    direct.place(stack.settings, 4)
    wait_until(lambda: outcomes(stack.settings)["submitted"] == 4, "four submitted orders")
    assert stack.kill("worker0", signal.SIGTERM) == 0
    assert outcomes(stack.settings) == {"confirmed": 4}


def test_web_told_to_stop_answers_the_requests_it_has(make_frail: MakeStack) -> None:
    stack = make_frail(
        workers=0, watchers=0, quote_latency_ms=1500, quote_timeout_ms=20_000, worker_concurrency=10
    )
    answers: list[Any] = []
    address = f"{stack.url}/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1"
    asking = [
        threading.Thread(target=lambda: answers.append(requests.get(address, timeout=20)))
        for _ in range(5)
    ]
    for thread in asking:
        thread.start()
    wait_until(lambda: stack.connections() >= 5, "five connections")
    time.sleep(0.2)
    assert answers == []
    assert stack.kill("web", signal.SIGTERM) == 0
    for thread in asking:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 5


def _triggers(settings: Settings) -> bool:
    """Whether a watcher works: it must trigger a stop whose condition holds."""
    stop = OrderRequest(
        OrderType.STOP, "SOL", "USDC", Decimal("1.5"), stop_price=Decimal(900_000_000)
    )
    (order_id,) = direct.place(settings, new=stop)
    wait_until(lambda: order_row(settings, order_id) == ("confirmed",), "the stop's fill")
    return True
