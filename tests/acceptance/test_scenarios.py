"""Every scenario over HTTP, on real processes: it ends as the catalogue says, each time.

Chance is against these orders: without a scenario every one of them would fail.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
import requests

from orders.chain.ledger import FILLED, LedgerEntry, entries
from orders.domain import exact_json
from orders.scenarios.catalogue import SCENARIOS, Fails, Group, Scenario
from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog, check_history
from tests.clients import (
    MARKET,
    PATIENCE_S,
    SocketIoClient,
    history,
    read_websocket,
    submit,
    wait_terminal,
    wait_until,
)
from tests.stack import Stack

TIMES = 2
SHORT = {"lands_late": "lands_late:1", "http_timeout": "http_timeout:1"}
HARSH: dict[str, Any] = {
    "slippage_failure_rate": 1.0,
    "quote_latency_ms": 100,
    "quote_timeout_ms": 400,
    "scenario_blockhash_slots": 1,
    "worker_concurrency": 100,
    "resend_s": 0.1,
    "lease_s": 1,
    "recovery_interval_s": 0.2,
    "wake_grace_s": 0.3,
    "max_retries": 2,
}
QUIET = [each for each in SCENARIOS if each.group not in (Group.CRASH, Group.API)]
CRASHES = [each for each in SCENARIOS if each.group is Group.CRASH]


def text(scenario: Scenario) -> str:
    return SHORT.get(scenario.name, scenario.written)


def post(
    stack: Stack, scenario: str, key: str | None = None, patience_s: float = PATIENCE_S
) -> requests.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {**MARKET, "scenario": scenario}
    url = f"{stack.url}/api/orders/execute"
    return requests.post(url, json=body, headers=headers, timeout=patience_s)


def ledger_of(stack: Stack, order_id: str) -> list[LedgerEntry]:
    connection = psycopg2.connect(stack.settings.database_url)
    try:
        return [entry for entry in entries(connection) if entry.order_id == UUID(order_id)]
    finally:
        connection.close()


def check_end(
    stack: Stack, scenario: Scenario, order_id: str, headers: dict[str, str] | None = None
) -> None:
    """The order's statuses, its end and the chain's ledger are what the catalogue declares."""
    record = wait_terminal(stack.url, order_id, headers)
    events = history(stack.url, order_id, headers)
    assert record["status"] == scenario.final
    declared = scenario.statuses(stack.settings.max_retries)
    assert [event["status"] for event in events] == list(declared)
    assert events[0]["data"]["scenario"] == record["scenario"] == text(scenario)
    errors = {event["data"]["error"]["code"] for event in events if "error" in event["data"]}
    assert errors == (set() if scenario.fails is Fails.NEVER else {scenario.code})
    filled = [entry for entry in ledger_of(stack, order_id) if entry.outcome == FILLED]
    assert len(filled) == (scenario.final == "confirmed")
    for entry in filled:
        bps = scenario.moves * int(scenario.example or 0) if scenario.moves else 0
        assert entry.amount_out == entry.quoted_amount_out * (10_000 + bps) // 10_000
        assert Decimal(record["amountOut"]) > 0


def check_money(stack: Stack, account: dict[str, str], placed: list[Scenario]) -> None:
    """Each order of the account that fills spends its amount once; nothing is held any more."""
    filled = sum(scenario.final == "confirmed" for scenario in placed)
    answer = requests.get(f"{stack.url}/api/account/balances", headers=account, timeout=10)
    (sol,) = (each for each in exact_json.loads(answer.text)["balances"] if each["token"] == "SOL")
    assert (sol["held"], sol["total"]) == (0, 1000 - filled * Decimal(MARKET["amountIn"]))


def check_promises(stack: Stack, accepted: set[str]) -> None:
    """All that holds of every history and of money holds of these orders."""
    connection = psycopg2.connect(stack.settings.database_url)
    try:
        retries = stack.settings.max_retries
        assert check_history(connection, ClientLog(accepted), max_retries=retries) == []
    finally:
        connection.close()


def sign_up(stack: Stack) -> dict[str, str]:
    """The headers of a new account."""
    body = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    answer = requests.post(f"{stack.url}/api/auth/signup", json=body, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_each_scenario_ends_as_declared_every_time(make_stack: MakeStack) -> None:
    stack = make_stack(**HARSH)
    account = sign_up(stack)
    shared = [(each, submit(stack.url, scenario=text(each))) for each in QUIET]
    own = [(each, submit(stack.url, account | {"X-Scenario": text(each)})) for each in QUIET]
    for scenario, order_id in shared:
        check_end(stack, scenario, order_id)
    for scenario, order_id in own:
        check_end(stack, scenario, order_id, account)
    check_money(stack, account, [scenario for scenario, _ in own])
    check_refusals(stack)
    check_late_and_lost_answers(stack)
    check_gap(stack)
    check_metrics(stack)
    unlucky = wait_terminal(stack.url, submit(stack.url))
    assert (unlucky["failCode"], unlucky["scenario"]) == ("slippage_exceeded", None)
    check_promises(stack, {order_id for _, order_id in shared + own})


def check_refusals(stack: Stack) -> None:
    """http_503 and http_429 refuse a key once, and a request without a key each time."""
    for name, status in (("http_503", 503), ("http_429", 429)):
        key = str(uuid4())
        answers = [post(stack, name, key), post(stack, name), post(stack, name)]
        assert [(each.status_code, each.headers["Retry-After"]) for each in answers] == [
            (status, "1")
        ] * 3
        again = post(stack, name, key)
        assert again.status_code == 202
        assert wait_terminal(stack.url, again.json()["orderId"])["status"] == "confirmed"


def check_late_and_lost_answers(stack: Stack) -> None:
    """What was stored is found again with the same key."""
    late, lost = str(uuid4()), str(uuid4())
    with pytest.raises(requests.ReadTimeout):
        post(stack, "http_timeout:2", late, patience_s=1)
    assert post(stack, "http_timeout:2", late).status_code == 200
    with pytest.raises(requests.ConnectionError):
        post(stack, "http_lost_answer", lost)
    found = post(stack, "http_lost_answer", lost)
    assert found.status_code == 200
    assert found.headers["Idempotency-Replayed"] == "true"
    assert wait_terminal(stack.url, found.json()["orderId"])["status"] == "confirmed"


def check_gap(stack: Stack) -> None:
    """Live streams miss one event; the history has it."""
    client = SocketIoClient(stack.url)
    order_id = submit(stack.url, scenario="stream_gap")
    client.subscribe(order_id)
    live = client.wait_terminal(order_id)
    client.close()
    assert [event["sequence"] for event in live] == [1, 2, 4, 5]
    assert [event["sequence"] for event in history(stack.url, order_id)] == [1, 2, 3, 4, 5]
    late, _ = read_websocket(stack.url, f"/ws/orders/{order_id}")
    assert [event["sequence"] for event in late] == [1, 2, 3, 4, 5]


def check_metrics(stack: Stack) -> None:
    """Orders are counted by the scenario's name alone."""
    metrics = requests.get(f"{stack.url}/metrics", timeout=10).text
    assert f'orders_scenarios_placed_total{{scenario="venue_down"}} {TIMES}.0' in metrics


def test_killed_workers_leave_one_fill(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, **HARSH)
    placed: list[tuple[Scenario, str]] = []
    for scenario in CRASHES * TIMES:
        stack.start_worker("doomed")
        placed.append((scenario, submit(stack.url, scenario=scenario.name)))
        assert wait_end(stack.processes.pop("doomed")) == 137
    stack.start_worker("last")
    for scenario, order_id in placed:
        check_end(stack, scenario, order_id)
    check_promises(stack, {order_id for _, order_id in placed})


def wait_end(process: subprocess.Popen[bytes]) -> int:
    return int(wait_until(process.poll, "the worker's death"))


def test_scenario_touches_only_its_own_order(make_stack: MakeStack) -> None:
    stack = make_stack(**HARSH | {"slippage_failure_rate": 0.0, "worker_concurrency": 120})
    with ThreadPoolExecutor(8) as pool:
        chosen = ["dropped_always", None] * 50
        placed = list(pool.map(lambda name: submit_with(stack, name), chosen))
    alone = placed[1::2]
    assert all(wait_terminal(stack.url, order_id)["status"] == "confirmed" for order_id in alone)
    assert [len(history(stack.url, order_id)) for order_id in alone] == [5] * 50
    doomed = [wait_terminal(stack.url, order_id) for order_id in placed[::2]]
    assert {record["failCode"] for record in doomed} == {"blockhash_expired"}


def submit_with(stack: Stack, scenario: str | None) -> str:
    return submit(stack.url, headers={"X-Scenario": scenario} if scenario else None)
