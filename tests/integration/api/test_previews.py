"""Dry runs over HTTP: they tell what an order would do and store nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from orders.domain import exact_json
from orders.wiring import Components
from tests.integration.api.test_account import Member
from tests.integration.api.test_orders import LIMIT, MARKET, place, stored_orders

GROUP = "0197b0f2-0000-7000-8000-000000000002"


def preview(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    body = {**MARKET, **fields, "dryRun": True}
    answer = client.post("/api/orders/execute", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = exact_json.loads(answer.data)
    assert stored_orders() == 0
    return found


def test_a_market_order_is_quoted_and_not_stored(
    client: FlaskClient, components: Components
) -> None:
    found = preview(client)
    assert (found["dryRun"], found["status"], found["triggersNow"]) == (True, "pending", None)
    assert found["quote"]["best"]["minAmountOut"] < found["quote"]["best"]["amountOut"]
    assert "at least" in found["message"]
    assert components.queue.depth() == 0


@pytest.mark.parametrize(
    ("fields", "triggers"),
    [
        ({"type": "limit", "limitPrice": "1"}, True),
        ({"type": "limit", "limitPrice": "100000"}, False),
        ({"type": "stop", "stopPrice": "100000"}, True),
        ({"type": "stop", "stopPrice": "1"}, False),
        ({"type": "sniper"}, True),
        ({"type": "sniper", "minLiquidity": "1e12"}, False),
    ],
)
def test_a_resting_order_tells_whether_it_would_trigger(
    client: FlaskClient, components: Components, fields: dict[str, Any], triggers: bool
) -> None:
    found = preview(client, **fields)
    assert (found["status"], found["triggersNow"]) == ("open", triggers)
    assert found["expiresAt"] is not None
    if not triggers:
        assert re.search(r"would get about \d{3}\.\d{1,3} USDC per SOL\.$", found["message"])
    place(client, **fields)
    assert components.triggers.tick() == int(triggers)


def test_limit_order_that_would_run_is_promised_its_limit(client: FlaskClient) -> None:
    best = preview(client)["quote"]["best"]["amountOut"]
    price = (best / Decimal("1.5")).quantize(Decimal("0.1")) - 1
    found = preview(client, type="limit", limitPrice=str(price), maxSlippageBps=5000)
    assert found["quote"]["best"]["minAmountOut"] == price * Decimal("1.5")


def test_a_token_before_its_launch_has_no_quote(client: FlaskClient) -> None:
    mint = "9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeJ9E"
    found = preview(client, type="sniper", tokenOut=mint)
    assert (found["quote"], found["triggersNow"]) == (None, False)


def test_a_dry_run_is_refused_as_the_order_would_be(client: FlaskClient) -> None:
    member = Member(client)
    body = {**LIMIT, "amountIn": 2000, "dryRun": True}
    refused = member.ask("POST", "/api/orders", body, 422)
    assert (refused["code"], refused["needed"], refused["available"]) == (
        "insufficient_funds",
        2000,
        1000,
    )
    assert client.post("/api/orders/execute", json={**body, "tokenOut": "SOL"}).status_code == 400
    assert client.post("/api/orders/execute", json={**body, "dryRun": 1}).status_code == 400


def test_a_dry_run_takes_no_money_and_knows_its_groups_hold(client: FlaskClient) -> None:
    member = Member(client)
    body = {**LIMIT, "amountIn": 900, "ocoGroup": GROUP}
    member.ask("POST", "/api/orders", body, 202)
    member.ask("POST", "/api/orders", {**body, "amountIn": 1000, "dryRun": True}, 200)
    member.ask("POST", "/api/orders", {**LIMIT, "amountIn": 101, "dryRun": True}, 422)
    assert member.balance("SOL")["held"] == 900


def test_a_key_of_a_dry_run_stays_free(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "tried first"}
    client.post("/api/orders/execute", json={**MARKET, "dryRun": True}, headers=headers)
    answer = client.post("/api/orders/execute", json={**MARKET, "amountIn": 2}, headers=headers)
    assert answer.status_code == 202
