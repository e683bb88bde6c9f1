"""Linked orders over HTTP: a one-cancels-other group, placed in one step."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components
from tests.check_history import ClientLog, check_history
from tests.integration.api.test_account import Member
from tests.integration.api.test_orders import MARKET, record, stored_orders

PATH = "/api/orders/linked"
TAKE_PROFIT = {**MARKET, "type": "limit", "limitPrice": 100_000, "amountIn": 10}
STOP_LOSS = {**MARKET, "type": "stop", "stopPrice": 1, "amountIn": 10}
GROUP = "0197b0f2-0000-7000-8000-000000000003"
BOTH = {"orders": [TAKE_PROFIT, STOP_LOSS]}


def link(client: FlaskClient, body: Any, status: int = 202, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(PATH, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def assert_sound(components: Components) -> None:
    stored = psycopg2.connect(components.settings.database_url)
    assert check_history(stored, ClientLog(), max_retries=3) == []
    stored.close()


def test_the_first_that_triggers_cancels_the_other(
    client: FlaskClient, components: Components
) -> None:
    placed = link(client, {"orders": [TAKE_PROFIT | {"limitPrice": 1}, STOP_LOSS]})
    assert [order["type"] for order in placed["orders"]] == ["limit", "stop"]
    limit, stop = (order["orderId"] for order in placed["orders"])
    assert {record(client, one)["ocoGroup"] for one in (limit, stop)} == {placed["ocoGroup"]}
    assert components.triggers.tick() == 1
    components.engine.execute(UUID(limit))
    assert [record(client, one)["status"] for one in (limit, stop)] == ["confirmed", "cancelled"]
    history = client.get(f"/api/orders/{stop}/history").get_json()["history"]
    assert history[-1]["data"] == {"reason": "oco_triggered", "by": limit}
    assert_sound(components)


def test_linked_orders_share_the_largest_hold(client: FlaskClient, components: Components) -> None:
    member = Member(client)
    for first, second, held in ((10, 10, 10), (10, 30, 40), (300, 5, 340)):
        body = {"orders": [TAKE_PROFIT | {"amountIn": first}, STOP_LOSS | {"amountIn": second}]}
        member.ask("POST", PATH, body, 202)
        assert member.balance("SOL")["held"] == held
    assert_sound(components)


@pytest.mark.parametrize("amounts", [(1001, 5), (5, 1001)])
def test_too_little_money_for_one_order_stores_none(
    client: FlaskClient, components: Components, amounts: tuple[int, int]
) -> None:
    member = Member(client)
    orders = [
        {**each, "amountIn": amount} for each, amount in zip(BOTH["orders"], amounts, strict=True)
    ]
    refused = member.ask("POST", PATH, {"orders": orders}, 422)
    assert (refused["code"], refused["needed"]) == ("insufficient_funds", 1001)
    assert stored_orders() == 0
    assert member.balance("SOL")["held"] == 0
    assert_sound(components)


def test_the_same_key_gives_the_same_group(client: FlaskClient) -> None:
    first = link(client, BOTH, key="once")
    assert link(client, BOTH, status=200, key="once") == first
    other = {"orders": [TAKE_PROFIT, STOP_LOSS | {"stopPrice": 2}]}
    assert link(client, other, status=409, key="once")["code"] == "idempotency_conflict"
    assert stored_orders() == 2


def test_simultaneous_requests_with_one_key_place_one_group(app: Flask) -> None:
    groups: list[str] = []

    def send() -> None:
        answer = app.test_client().post(PATH, json=BOTH, headers={"Idempotency-Key": "race"})
        groups.append(answer.get_json()["ocoGroup"])

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(groups)) == 1
    assert stored_orders() == 2


@pytest.mark.parametrize(
    ("orders", "field"),
    [
        ([TAKE_PROFIT], "orders"),
        ([TAKE_PROFIT] * 6, "orders"),
        ([False, TAKE_PROFIT], "orders.0"),
        ([TAKE_PROFIT, MARKET], "orders.1.type"),
        ([TAKE_PROFIT, STOP_LOSS | {"stopPrice": -1}], "orders.1.stopPrice"),
        ([TAKE_PROFIT, STOP_LOSS | {"ocoGroup": GROUP}], "orders.1.ocoGroup"),
        ([TAKE_PROFIT, STOP_LOSS | {"orders": 1}], "orders.1.orders"),
        ([TAKE_PROFIT, STOP_LOSS | {"maxSlippageBps": "x"}], "orders.1.maxSlippageBps"),
        ([TAKE_PROFIT, {**STOP_LOSS, "tokenIn": "BONK"}], "orders.1.tokenIn"),
        ([{**TAKE_PROFIT, "tokenIn": "NOPE"}, STOP_LOSS], "orders.0.tokenIn"),
        ([TAKE_PROFIT, {**STOP_LOSS, "tokenOut": "SOL"}], "orders.1.tokenOut"),
        ([TAKE_PROFIT, STOP_LOSS | {"amountIn": "0.0000000001"}], "orders.1.amountIn"),
        ([TAKE_PROFIT, STOP_LOSS | {"expiresAt": "2001-01-01T00:00:00Z"}], "orders.1.expiresAt"),
    ],
)
def test_what_cannot_be_linked_is_refused_as_a_whole(
    client: FlaskClient, orders: list[Any], field: str
) -> None:
    assert list(link(client, {"orders": orders}, status=400)["errors"]) == [field]
    assert stored_orders() == 0


def test_a_mistyped_field_is_named_with_its_order_and_the_right_name(client: FlaskClient) -> None:
    mistyped = {**TAKE_PROFIT, "limitPrise": 250}
    del mistyped["limitPrice"]
    assert link(client, {"orders": [STOP_LOSS, mistyped]}, 400)["errors"] == {
        "orders.1.limitPrise": ["Unknown field; did you mean limitPrice?"],
        "orders.1.limitPrice": ["A limit order needs it."],
    }


def test_a_label_that_is_not_the_accounts_is_named_with_its_order(client: FlaskClient) -> None:
    labelled = {"orders": [TAKE_PROFIT, STOP_LOSS | {"userId": "me"}]}
    assert list(Member(client).ask("POST", PATH, labelled, 400)["errors"]) == ["orders.1.userId"]


@pytest.mark.parametrize("scenario", ["fills", "nonsense", ""])
def test_a_scenario_in_the_header_is_refused_like_one_in_the_body(
    client: FlaskClient, scenario: str
) -> None:
    answer = client.post(PATH, json=BOTH, headers={"X-Scenario": scenario})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["X-Scenario"])
    assert list(
        link(client, {"orders": [TAKE_PROFIT | {"scenario": "fills"}, STOP_LOSS]}, 400)["errors"]
    ) == ["orders.0.scenario"]
    assert stored_orders() == 0


def test_all_terms_are_kept(client: FlaskClient) -> None:
    expiry = "2099-01-01T00:00:00.000Z"
    terms = {"maxSlippageBps": 250, "userId": "me"}
    refused = link(client, {"orders": [TAKE_PROFIT | {"expiresAt": expiry}, STOP_LOSS]}, 400)
    assert list(refused["errors"]) == ["orders.0.expiresAt"]
    placed = link(client, {"orders": [TAKE_PROFIT | terms, STOP_LOSS | terms]})["orders"]
    with connection():
        stored = list(Order.select().order_by(Order.id))
    assert [str(order.id) for order in stored] == [order["orderId"] for order in placed]
    assert {(order.max_slippage_bps, order.user_id) for order in stored} == {(250, "me")}
    assert (stored[0].limit_price, stored[1].stop_price) == (Decimal(100_000), Decimal(1))


@pytest.mark.parametrize("stray", [False, None, 1, "limit", []])
def test_malformed_orders_are_refused_like_any_bad_field(client: FlaskClient, stray: Any) -> None:
    assert link(client, {"orders": [stray, STOP_LOSS]}, 400)["code"] == "validation_failed"
    assert stored_orders() == 0
