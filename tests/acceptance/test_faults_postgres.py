"""PostgreSQL cuts connections, restarts or goes away: clear refusals, then all goes on."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
import requests

from orders.config import Settings
from tests.acceptance.conftest import MakeStack, Servers
from tests.clients import MARKET, SocketIoClient, history, submit, wait_until
from tests.load import Load, fail_codes, order_row, outcomes, query, violations

SEED = 20_261_123
UNKNOWN = "00000000-0000-7000-8000-000000000000"
ORDER_ROUTES = [
    ("POST", "/api/orders/execute", MARKET),
    ("GET", "/api/orders", None),
    ("GET", f"/api/orders/{UNKNOWN}", None),
    ("GET", f"/api/orders/status/{UNKNOWN}", None),
    ("GET", f"/api/orders/{UNKNOWN}/history", None),
    ("DELETE", f"/api/orders/{UNKNOWN}", None),
    ("POST", f"/api/orders/{UNKNOWN}/cancel", None),
    ("GET", "/api/queue/metrics", None),
]


def cut_all_connections(settings: Settings) -> None:
    """Ends every connection of the system, as an administrator or a fail-over does."""
    query(
        settings,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def test_connections_cut_under_load_lose_no_order(make_frail: MakeStack) -> None:
    stack = make_frail(workers=2)
    with Load(stack.url, SEED).running() as load:
        for _ in range(8):
            load.wait_for(10)
            cut_all_connections(stack.settings)
        load.wait_for(10)
    assert load.refused == {}
    assert set(load.asked_again) <= {"store_unavailable"}
    assert violations(stack.settings, load.log) == []
    assert fail_codes(stack.settings) == {}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_restart_under_load_loses_no_order(
    make_frail: MakeStack, servers: Servers, end: str
) -> None:
    stack = make_frail(workers=2)
    with Load(stack.url, SEED + 1).running() as load:
        load.wait_for(20)
        getattr(servers.postgres, end)()
        wait_until(lambda: load.asked_again["store_unavailable"] > 5, "refusals")
        servers.postgres.start()
        load.wait_for(20)
    assert load.refused == {}
    assert set(load.asked_again) <= {"store_unavailable"}
    assert violations(stack.settings, load.log) == []
    assert fail_codes(stack.settings) == {}


def test_every_route_reports_an_absent_database_and_stores_nothing(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail()
    client = SocketIoClient(stack.url)
    servers.postgres.stop(at_once=True)
    for method, path, body in ORDER_ROUTES:
        _assert_refused(requests.request(method, stack.url + path, json=body, timeout=20))
    assert client.subscribe(UNKNOWN)["code"] == "store_unavailable"
    assert requests.get(f"{stack.url}/health", timeout=10).status_code == 200
    readiness = requests.get(f"{stack.url}/health/ready", timeout=20)
    assert readiness.status_code == 503
    assert readiness.json()["dependencies"]["postgresql"]["state"] == "down"

    servers.postgres.start()

    _wait_ready(stack.url)
    assert outcomes(stack.settings) == {}
    # No request fails because the outage cut its connection.
    order_id = submit(stack.url)
    assert client.subscribe(order_id)["ok"]
    assert client.wait_terminal(order_id) == history(stack.url, order_id)
    client.close()
    resting = submit(stack.url, type="stop", stopPrice="900000000")
    wait_until(lambda: order_row(stack.settings, resting) == ("confirmed",), "the watcher")


def test_first_order_after_connections_were_cut_is_accepted(make_frail: MakeStack) -> None:
    stack = make_frail(workers=1)
    for _ in range(3):
        submit(stack.url)
        cut_all_connections(stack.settings)
    wait_until(lambda: outcomes(stack.settings) == {"confirmed": 3}, "three fills")


def test_order_answered_with_503_is_not_stored(make_frail: MakeStack, servers: Servers) -> None:
    """Nor is it if the connection breaks while the order is being stored."""
    stack = make_frail(workers=0, watchers=0)
    first = submit(stack.url)
    # Each insert into the events waits here, inside the statement that stores the order.
    held = psycopg2.connect(stack.settings.database_url)
    held.cursor().execute("LOCK TABLE order_events IN ACCESS EXCLUSIVE MODE")
    with Load(stack.url, SEED + 2, clients=2).running() as load:
        wait_until(lambda: _inserts_waiting(stack.settings), "an insert that waits")
        cut_all_connections(stack.settings)
        load.wait_for(4)
    held.close()
    assert load.refused == {}
    assert violations(stack.settings, load.log, quiet=False) == []
    stored = {str(row[0]) for row in query(stack.settings, "SELECT id FROM orders")}
    assert stored == load.log.accepted | {first}


def _inserts_waiting(settings: Settings) -> bool:
    return bool(
        query(
            settings,
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND query LIKE 'EXECUTE place%%'",
        )
    )


def _assert_refused(answer: requests.Response) -> None:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "store_unavailable"), answer.url
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1


def _wait_ready(url: str) -> None:
    wait_until(
        lambda: requests.get(f"{url}/health/ready", timeout=20).status_code == 200, "readiness"
    )
