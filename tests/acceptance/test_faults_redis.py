"""Redis loses everything, restarts, goes away or hangs: orders run nevertheless."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from redis import Redis

from orders.config import Settings
from tests import direct
from tests.acceptance.conftest import MakeStack, Servers
from tests.clients import MARKET, SocketIoClient, history, submit, wait_until
from tests.load import Load, outcomes, violations, wait_quiet

SEED = 20_261_122
IN_THE_PIPELINE = {"pending", "routing", "building", "submitted", "confirmed"}
QUEUE = "huey.redis.orders"
ORDER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def readiness(url: str) -> dict[str, Any]:
    """The web process's readiness answer."""
    answer = requests.get(f"{url}/health/ready", timeout=20).json()
    states = {name: found["state"] for name, found in answer["dependencies"].items()}
    return {"status": answer["status"], **states}


def test_flushes_and_restarts_under_load_lose_no_order(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(workers=2)
    with Load(stack.url, SEED).running() as load, Redis.from_url(servers.valkey.url) as redis:
        for _ in range(5):
            load.wait_for(10)
            redis.flushall()
        load.wait_for(10)
        servers.valkey.restart()
        load.wait_for(10)
        servers.valkey.kill()
        load.wait_for(10)
        servers.valkey.start()
        load.wait_for(10)
    assert load.refused == {}
    assert load.asked_again == {}
    assert violations(stack.settings, load.log) == []


def test_orders_placed_while_redis_is_away_run_once_it_is_back(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(rate_limit="100000/minute")
    client = SocketIoClient(stack.url)
    before = submit(stack.url)
    client.subscribe(before)
    client.wait_terminal(before)
    servers.valkey.kill()
    key = {"Idempotency-Key": "while Redis is away"}
    ids = [submit(stack.url) for _ in range(10)] + [submit(stack.url, key)]
    replayed = requests.post(
        f"{stack.url}/api/orders/execute", json=MARKET, headers=key, timeout=10
    )
    assert (replayed.status_code, replayed.json()["orderId"]) == (200, ids[-1])
    assert all(client.subscribe(order_id)["ok"] for order_id in ids)
    assert readiness(stack.url) == {"status": "degraded", "postgresql": "up", "redis": "down"}

    servers.valkey.start()

    for order_id in ids:
        assert client.wait_terminal(order_id) == history(stack.url, order_id)
    wait_until(lambda: readiness(stack.url)["status"] == "ready", "readiness")
    assert _live_feed_works(client, stack.url)
    client.close()
    assert set(outcomes(stack.settings)) == {"confirmed"}


@pytest.mark.timeout(60)
def test_hanging_redis_delays_no_client(make_frail: MakeStack, servers: Servers) -> None:
    stack = make_frail(rate_limit="100000/minute", worker_concurrency=20)
    submit(stack.url)
    os.kill(servers.valkey.pid, signal.SIGSTOP)
    try:
        # If each waited for Redis, these would need more than the test's timeout.
        placed = [submit(stack.url) for _ in range(100)]
        state = readiness(stack.url)
    finally:
        os.kill(servers.valkey.pid, signal.SIGCONT)
    assert state == {"status": "degraded", "postgresql": "up", "redis": "down"}
    assert len(set(placed)) == 100
    wait_quiet(stack.settings)
    assert outcomes(stack.settings) == {"confirmed": 101}


@pytest.mark.timeout(90)
def test_hanging_redis_makes_at_most_one_request_wait(
    make_frail: MakeStack, servers: Servers
) -> None:
    """With rate limits on, which count in Redis; twenty orders a second, and log-ins."""
    stack = make_frail(
        rate_limit="100000/minute", auth_rate_limit="100000/minute", redis_timeout_s=3
    )
    credentials = {"email": "somebody@example.org", "password": "long enough for all"}
    requests.post(f"{stack.url}/api/auth/signup", json=credentials, timeout=10)
    for _ in range(5):
        submit(stack.url)
    delayed: list[str] = []

    def ask(path: str, body: dict[str, str]) -> None:
        try:
            answer = requests.post(stack.url + path, json=body, timeout=1.5)
        except requests.Timeout:
            delayed.append(path)
        else:
            assert answer.ok, answer.text

    os.kill(servers.valkey.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(40) as clients:
            asked = []
            for number in range(120):
                asked.append(clients.submit(ask, "/api/orders/execute", MARKET))
                if number % 10 == 0:
                    asked.append(clients.submit(ask, "/api/auth/login", credentials))
                time.sleep(0.05)
            for done in asked:
                done.result()
    finally:
        os.kill(servers.valkey.pid, signal.SIGCONT)
    assert len(delayed) <= 1
    wait_until(lambda: readiness(stack.url)["status"] == "ready", "readiness")


@pytest.mark.parametrize(
    ("backlog", "executed"),
    [(3000, 300), pytest.param(10_000, 10_000, marks=pytest.mark.soak)],
)
def test_backlog_is_not_delivered_twice_and_is_restored_after_a_flush(
    make_frail: MakeStack, servers: Servers, backlog: int, executed: int
) -> None:
    stack = make_frail(workers=0, watchers=0, web=False)
    settings = stack.settings
    direct.place(settings, backlog)
    with Redis.from_url(servers.valkey.url) as redis:
        stack.start_watcher("watcher")
        _let_recovery_run(settings)
        assert redis.llen(QUEUE) == backlog
        redis.flushall()
        wait_until(lambda: redis.llen(QUEUE) >= backlog, "the repair of all wake-ups")
        _let_recovery_run(settings)
        assert redis.llen(QUEUE) == backlog
        with _delivered(servers.valkey.url) as again:
            stack.start_worker("worker", swap_latency_ms="0", quote_latency_ms=0)
            wait_until(lambda: outcomes(settings)["confirmed"] >= executed, "the fills", 180)
    most = max(Counter(again).values(), default=0)
    print(f"of {backlog} orders {len(set(again))} were delivered again, one {most} times at most")
    # After each sweep, each green thread of the worker may hold an order that it has not claimed
    # yet.
    assert most <= 2
    assert len(again) < backlog / 100
    assert set(outcomes(settings)) <= IN_THE_PIPELINE


@contextmanager
def _delivered(redis_url: str) -> Iterator[list[str]]:
    """The orders whose message is queued during the block."""
    found: list[str] = []
    with Redis.from_url(redis_url) as redis, redis.monitor() as monitor:

        def watch() -> None:
            for entry in monitor.listen():
                command = entry["command"]
                if command.startswith("LPUSH"):
                    found.extend(set(ORDER_ID.findall(command)))
                if command == "ECHO end":
                    return

        watching = threading.Thread(target=watch)
        watching.start()
        yield found
        Redis.from_url(redis_url).echo("end")
        watching.join()


def _let_recovery_run(settings: Settings) -> None:
    time.sleep(settings.wake_grace_s + 5 * settings.recovery_interval_s)


def _live_feed_works(client: SocketIoClient, url: str) -> bool:
    """Whether events arrive through Redis: the list feed has no other source."""
    client.call("subscribe_orders")

    def seen() -> bool:
        order_id = submit(url)
        time.sleep(0.5)
        return client.sequences(order_id) == [1, 2, 3, 4, 5]

    return bool(wait_until(seen, "a live event"))
