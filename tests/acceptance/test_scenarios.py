"""Every scenario over HTTP, on real processes: it ends as the catalogue says, each time.

Without a scenario every one of these orders would fail by chance.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
import requests

from orders.chain.ledger import FILLED, LedgerEntry, entries
from orders.domain import exact_json
from orders.market.scenarios.catalogue import SCENARIOS
from orders.market.scenarios.scenario import Fails, Group, Scenario
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

SOAK_TIMES = 20
SHORT = {"lands_late": "lands_late:1", "http_timeout": "http_timeout:1"}
HARSH: dict[str, Any] = {
    "slippage_failure_rate": 1.0,
    "quote_latency_ms": 100,
    "quote_timeout_ms": 1000,
    "scenario_blockhash_slots": 1,
    "worker_concurrency": 100,
    "resend_s": 0.1,
    "lease_s": 2,
    "recovery_interval_s": 0.2,
    "watch_interval_s": 0.1,
    "wake_grace_s": 0.3,
    "max_retries": 2,
}
QUIET = [each for each in SCENARIOS if each.group not in (Group.CRASH, Group.API)]
CRASHES = [each for each in SCENARIOS if each.group is Group.CRASH]

MINT = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
LAUNCH = {"symbol": "SNIPE", "mint": MINT, "priceUsd": "0.01", "liquidityUsd": "50000"}
ORDERS: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"type": "limit", "limitPrice": "0.5"},
    "stop": {"type": "stop", "stopPrice": "1000000"},
    "sniper": {"type": "sniper", "tokenOut": MINT, "minLiquidity": "1000"},
}
"""Orders of each type that trigger at the first look, once MINT is launched."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order with a scenario, and the headers with which its owner sees it."""

    scenario: Scenario
    order_type: str
    id: str
    headers: dict[str, str] | None = None

    def statuses(self, max_retries: int) -> list[str]:
        """The statuses that the catalogue declares; unless it is a market order, it rests first."""
        resting = [] if self.order_type == "market" else ["open"]
        return [*resting, *self.scenario.statuses(max_retries)]


def place(
    stack: Stack,
    scenario: Scenario,
    order_type: str = "market",
    account: dict[str, str] | None = None,
    **terms: Any,
) -> Placed:
    """Places an order that has the scenario in its body, or in a header if an account's."""
    fields, headers = ORDERS[order_type] | terms, account
    if account is None:
        fields["scenario"] = text(scenario)
    else:
        headers = account | {"X-Scenario": text(scenario)}
    return Placed(scenario, order_type, submit(stack.url, headers, **fields), account)


def launch(stack: Stack) -> None:
    """Opens the pool that snipers wait for."""
    requests.post(f"{stack.url}/api/market/launches", json=LAUNCH, timeout=10).raise_for_status()


def text(scenario: Scenario) -> str:
    return SHORT.get(scenario.name, scenario.written)


def post(
    stack: Stack, scenario: str, key: str | None = None, patience_s: float = PATIENCE_S
) -> requests.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {**MARKET, "scenario": scenario}
    url = f"{stack.url}/api/orders/execute"
    return requests.post(url, json=body, headers=headers, timeout=patience_s)


def read_fills(stack: Stack) -> dict[UUID, list[LedgerEntry]]:
    """The fills in the chain's ledger, by order."""
    connection = psycopg2.connect(stack.settings.database_url)
    filled: dict[UUID, list[LedgerEntry]] = {}
    try:
        for entry in entries(connection):
            if entry.outcome == FILLED and entry.order_id is not None:
                filled.setdefault(entry.order_id, []).append(entry)
    finally:
        connection.close()
    return filled


def check_ends(stack: Stack, placed: Iterable[Placed]) -> None:
    """Checks each order's statuses, end and fills against the catalogue."""
    records = [(order, wait_terminal(stack.url, order.id, order.headers)) for order in placed]
    filled = read_fills(stack)
    for order, record in records:
        check_end(stack, order, record)
        check_fill(order, record, filled.get(UUID(order.id), []))


def check_end(stack: Stack, order: Placed, record: dict[str, Any]) -> None:
    scenario = order.scenario
    events = history(stack.url, order.id, order.headers)
    assert record["status"] == scenario.final
    assert [event["status"] for event in events] == order.statuses(stack.settings.max_retries)
    assert events[0]["data"]["scenario"] == record["scenario"] == text(scenario)
    errors = {event["data"]["error"]["code"] for event in events if "error" in event["data"]}
    assert errors == (set() if scenario.fails is Fails.NEVER else {scenario.code})


def check_fill(order: Placed, record: dict[str, Any], fills: list[LedgerEntry]) -> None:
    scenario = order.scenario
    assert len(fills) == (scenario.final == "confirmed")
    for fill in fills:
        bps = scenario.moves * int(scenario.example or 0) if scenario.moves else 0
        assert fill.amount_out == fill.quoted_amount_out * (10_000 + bps) // 10_000
        assert Decimal(record["amountOut"]) > 0


def check_money(stack: Stack, account: dict[str, str], placed: list[Placed]) -> None:
    """Checks that filled orders spent their amount once and that nothing is held any more."""
    filled = sum(order.scenario.final == "confirmed" for order in placed)
    answer = requests.get(f"{stack.url}/api/account/balances", headers=account, timeout=10)
    (sol,) = (each for each in exact_json.loads(answer.text)["balances"] if each["token"] == "SOL")
    assert (sol["held"], sol["total"]) == (0, 1000 - filled * Decimal(MARKET["amountIn"]))


def check_promises(stack: Stack, placed: Iterable[Placed]) -> None:
    """Checks all promises about histories and money for these orders."""
    accepted = {order.id for order in placed}
    connection = psycopg2.connect(stack.settings.database_url)
    try:
        retries = stack.settings.max_retries
        assert check_history(connection, ClientLog(accepted), max_retries=retries) == []
    finally:
        connection.close()


def sign_up(stack: Stack) -> dict[str, str]:
    """Creates an account; returns its headers."""
    body = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    answer = requests.post(f"{stack.url}/api/auth/signup", json=body, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_each_scenario_ends_as_declared_for_every_order_type(make_stack: MakeStack) -> None:
    stack = make_stack(**HARSH)
    launch(stack)
    half = str(quoted_price(stack) / 2)
    stops = [place(stack, each, "stop", stopPrice=half) for each in QUIET]
    at_once = [place(stack, each, kind) for kind in ORDERS for each in QUIET if kind != "stop"]
    account = sign_up(stack)
    own = [place(stack, each, "market", account) for each in QUIET]
    own += [place(stack, each, "limit", account) for each in QUIET]
    check_ends(stack, at_once + own)
    check_money(stack, account, own)
    assert {len(history(stack.url, order.id)) for order in stops} == {1}
    halve_price(stack)
    check_ends(stack, stops)
    unlucky = wait_terminal(stack.url, submit(stack.url))
    assert (unlucky["failCode"], unlucky["scenario"]) == ("slippage_exceeded", None)
    check_metrics(stack, stops + at_once + own)
    check_promises(stack, stops + at_once + own)


def quoted_price(stack: Stack) -> Decimal:
    query = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1.5"}
    answer = requests.get(f"{stack.url}/api/quotes", params=query, timeout=10)
    return Decimal(exact_json.loads(answer.text)["best"]["price"])


def halve_price(stack: Stack) -> None:
    """Moves the market so far that stops at half the price trigger."""
    move = {"token": "SOL", "changePercent": -60, "freeze": True}
    requests.post(f"{stack.url}/api/market/moves", json=move, timeout=10).raise_for_status()


def test_client_meets_what_scenarios_of_the_api_say(make_stack: MakeStack) -> None:
    # Quotes are slow enough for a watcher to join before the event that is withheld.
    stack = make_stack(**HARSH | {"quote_latency_ms": 300, "quote_timeout_ms": 2000})
    launch(stack)
    check_refusals(stack)
    check_late_and_lost_answers(stack)
    for order_type in ORDERS:
        check_gap(stack, order_type)


def check_refusals(stack: Stack) -> None:
    """Checks that http_503 and http_429 refuse a key once, and without a key always."""
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
    """Checks that a stored order is found again with the same key."""
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


def check_gap(stack: Stack, order_type: str) -> None:
    """Checks that streams of the order and the list miss one event that the history has."""
    client, lister = SocketIoClient(stack.url), SocketIoClient(stack.url)
    lister.call("subscribe_orders")
    order_id = submit(stack.url, scenario="stream_gap", **ORDERS[order_type])
    client.subscribe(order_id)
    live, listed = client.wait_terminal(order_id), lister.wait_terminal(order_id)
    client.close()
    lister.close()
    stored = history(stack.url, order_id)
    missed = [event for event in stored if event["status"] != "building"]
    assert len(missed) == len(stored) - 1
    assert listed == live == missed
    late, _ = read_websocket(stack.url, f"/ws/orders/{order_id}")
    assert late == stored


def check_metrics(stack: Stack, placed: list[Placed]) -> None:
    """Checks that orders are counted by the scenario's name alone."""
    metrics = requests.get(f"{stack.url}/metrics", timeout=10).text
    count = sum(order.scenario.name == "venue_down" for order in placed)
    assert f'orders_scenarios_placed_total{{scenario="venue_down"}} {count}.0' in metrics


def test_killed_workers_leave_one_fill(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, **HARSH)
    launch(stack)
    placed = [kill_worker(stack, each, kind) for each in CRASHES for kind in ORDERS]
    stack.start_worker("last")
    check_ends(stack, placed)
    check_promises(stack, placed)


def kill_worker(stack: Stack, scenario: Scenario, order_type: str) -> Placed:
    """Places an order that kills the only worker, and waits until it has."""
    stack.start_worker("doomed")
    placed = place(stack, scenario, order_type)
    assert wait_end(stack.processes.pop("doomed")) == 137
    return placed


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


@pytest.mark.soak
@pytest.mark.parametrize("order_type", ORDERS)
def test_each_scenario_ends_as_declared_twenty_times(
    make_stack: MakeStack, order_type: str
) -> None:
    stack = make_stack(**HARSH)
    launch(stack)
    placed = [place(stack, each, order_type) for each in QUIET * SOAK_TIMES]
    check_ends(stack, placed)
    for _ in range(SOAK_TIMES):
        check_refusals(stack)
        check_late_and_lost_answers(stack)
        check_gap(stack, order_type)
    stack.kill("worker0")
    killed = [kill_worker(stack, each, order_type) for each in CRASHES * SOAK_TIMES]
    stack.start_worker("last")
    check_ends(stack, killed)
    check_promises(stack, placed + killed)
