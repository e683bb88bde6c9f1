"""Webhooks over real processes: every event arrives, in order per order, whatever is killed."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import requests

from orders.local.parent_death import with_parent_death_signal
from orders.local.service import spawner
from tests.acceptance.conftest import MakeStack
from tests.conftest import valkey_flush
from tests.node import node
from tests.stack import ROOT, Stack, free_port

WAIT_S = 90
ORDER = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "0.01", "maxSlippageBps": 500}


WITH_PYPI = [sys.executable, "-m", "tests.webhook_receiver"]
WITH_NPM = [node(), "tests/acceptance/webhook-receiver.mjs"]


class Receiver:
    """A receiver's process, which may be killed and restarted."""

    def __init__(self, program: list[str], port: int, secret: str, notes: Path) -> None:
        self._command = [*program, str(port), secret, str(notes)]
        self._notes = notes
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = spawner.submit(
            subprocess.Popen, with_parent_death_signal(self._command, signal.SIGKILL), cwd=ROOT
        ).result()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def noted(self) -> list[str]:
        return self._notes.read_text().split() if self._notes.exists() else []


@contextmanager
def receiving(
    port: int, secret: str, notes: Path, program: list[str] = WITH_PYPI
) -> Iterator[Receiver]:
    receiver = Receiver(program, port, secret, notes)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()


def sign_up(url: str) -> dict[str, str]:
    person = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    answer = requests.post(f"{url}/api/auth/signup", json=person, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def make_webhook(url: str, account: dict[str, str], port: int, **fields: Any) -> dict[str, Any]:
    body = {"url": f"http://127.0.0.1:{port}/hook?from=orders", **fields}
    answer = requests.post(f"{url}/api/webhooks", json=body, headers=account, timeout=10)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def place(url: str, account: dict[str, str]) -> str:
    answer = requests.post(f"{url}/api/orders", json=ORDER, headers=account, timeout=10)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["orderId"])


def stored_events(stack: Stack) -> dict[str, list[int]]:
    """Order -> the sequences of its events; only once all orders have ended."""
    with psycopg2.connect(stack.settings.database_url) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM orders WHERE outcome IS NULL")
        if cursor.fetchone() != (0,):
            return {}
        cursor.execute("SELECT order_id, sequence FROM order_events ORDER BY 1, 2")
        found = defaultdict(list)
        for order_id, sequence in cursor.fetchall():
            found[str(order_id)].append(sequence)
    connection.close()
    return dict(found)


def first_receipts(noted: list[str]) -> dict[str, list[int]]:
    """Order -> sequences in the order in which each first arrived."""
    arrived = defaultdict(list)
    for line in dict.fromkeys(noted):
        order_id, sequence = line.split(":")
        arrived[order_id].append(int(sequence))
    return dict(arrived)


def wait_for(condition: Callable[[], bool], stack: Stack) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, stack.logs()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("rounds", "orders"), [(6, 10), pytest.param(40, 25, marks=pytest.mark.soak)]
)
def test_every_event_arrives_in_order_whoever_is_killed(
    make_stack: MakeStack, tmp_path: Path, rounds: int, orders: int
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stack = make_stack(
        workers=2, lease_s=1, wake_grace_s=0.3, webhook_timeout_s=0.5, webhook_backoff_s=0.1,
        webhook_backoff_max_s=1, max_recoveries=1000,
    )  # fmt: skip
    account, port = sign_up(stack.url), free_port()
    secret = make_webhook(stack.url, account, port)["secret"]
    with receiving(port, secret, tmp_path / "notes") as receiver:
        for _ in range(rounds):
            for _ in range(orders):
                place(stack.url, account)
            harm(stack, receiver, chance)
        wait_for(
            lambda: (
                bool(expected := stored_events(stack))
                and len(set(receiver.noted())) == sum(map(len, expected.values()))
            ),
            stack,
        )
        noted = receiver.noted()
    assert "refused" not in noted
    assert first_receipts(noted) == stored_events(stack)


def harm(stack: Stack, receiver: Receiver, chance: random.Random) -> None:
    """Kills a process and restarts it a moment later, or empties Redis."""
    match chance.choice(["worker0", "worker1", "watcher0", "web", "receiver", "redis"]):
        case "receiver":
            receiver.kill()
            time.sleep(chance.random())
            receiver.start()
        case "redis":
            valkey_flush(stack.settings.redis_url)
        case "web":
            stack.kill("web")
            stack.start_web()
        case victim:
            stack.kill(victim)
            time.sleep(chance.random())
            (stack.start_watcher if victim == "watcher0" else stack.start_worker)(victim)


def test_the_verifier_from_npm_accepts_every_event_and_no_other_message(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack(webhook_backoff_s=0.1, webhook_backoff_max_s=0.2)
    account, port = sign_up(stack.url), free_port()
    secret = make_webhook(stack.url, account, port, amounts="string")["secret"]
    with receiving(port, secret, tmp_path / "notes", WITH_NPM) as receiver:
        for _ in range(10):
            place(stack.url, account)
        wait_for(
            lambda: (
                bool(expected := stored_events(stack))
                and len(set(receiver.noted())) == sum(map(len, expected.values()))
            ),
            stack,
        )
        assert "refused" not in receiver.noted()
        forged = requests.post(f"http://127.0.0.1:{port}/hook", json={"orderId": "x"}, timeout=10)
        assert forged.status_code == 401
        assert first_receipts(receiver.noted()[:-1]) == stored_events(stack)


def test_a_receiver_that_hangs_delays_no_other(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack(webhook_timeout_s=30, webhook_parallel=2)
    account, other, port = sign_up(stack.url), sign_up(stack.url), free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        make_webhook(stack.url, other, silent.getsockname()[1])
        secret = make_webhook(stack.url, account, port)["secret"]
        with receiving(port, secret, tmp_path / "notes") as receiver:
            place(stack.url, other)
            silent.settimeout(WAIT_S)
            silent.accept()  # A delivery hangs from now on.
            order = place(stack.url, account)
            wait_for(
                lambda: (
                    first_receipts(receiver.noted()) == {order: stored_events(stack)[order]}
                    if stored_events(stack)
                    else False
                ),
                stack,
            )


def test_events_of_a_pause_are_sent_after_resuming(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    account, port = sign_up(stack.url), free_port()
    made = make_webhook(stack.url, account, port, events=["confirmed"])
    hook = f"{stack.url}/api/webhooks/{made['id']}"
    with receiving(port, made["secret"], tmp_path / "notes") as receiver:
        assert requests.post(f"{hook}/pause", headers=account, timeout=10).ok
        order = place(stack.url, account)
        wait_for(
            lambda: (
                len(
                    requests.get(f"{hook}/deliveries", headers=account, timeout=10).json()[
                        "deliveries"
                    ]
                )
                == 1
            ),
            stack,
        )
        assert receiver.noted() == []
        assert requests.post(f"{hook}/resume", headers=account, timeout=10).ok
        wait_for(lambda: len(receiver.noted()) == 1, stack)
        assert receiver.noted()[0].startswith(f"{order}:")
