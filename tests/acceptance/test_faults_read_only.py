"""PostgreSQL becomes read-only, as after a fail-over, and writable again."""

from __future__ import annotations

import requests

from tests.acceptance.conftest import MakeStack
from tests.clients import MARKET, submit, wait_until
from tests.integration.api.test_unavailable import read_only
from tests.load import Load, fail_codes, order_row, violations

SEED = 20_261_125


def test_read_only_database_refuses_orders_with_503_and_shows_known_ones(
    make_frail: MakeStack,
) -> None:
    stack = make_frail()
    placed = submit(stack.url)
    with read_only(stack.settings):
        wait_until(lambda: not requests.get(f"{stack.url}/health/ready", timeout=10).ok, "refusal")
        answer = requests.post(f"{stack.url}/api/orders/execute", json=MARKET, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert answer.headers["Retry-After"]
        assert requests.get(f"{stack.url}/api/orders/{placed}", timeout=10).status_code == 200
    wait_until(lambda: requests.get(f"{stack.url}/health/ready", timeout=10).ok, "readiness")
    order_id = submit(stack.url)
    wait_until(lambda: order_row(stack.settings, order_id) == ("confirmed",), "a fill")


def test_read_only_under_load_loses_no_order(make_frail: MakeStack) -> None:
    stack = make_frail(workers=2)
    with Load(stack.url, SEED).running() as load:
        for _ in range(2):
            load.wait_for(10)
            with read_only(stack.settings):
                load.wait_for_refusals("store_unavailable", 5)
        load.wait_for(10)
    assert load.refused == {}
    assert set(load.asked_again) <= {"store_unavailable"}
    assert violations(stack.settings, load.log) == []
    assert fail_codes(stack.settings) == {}
