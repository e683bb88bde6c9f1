"""Placing, reading, listing and cancelling orders over HTTP."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app import create_app
from orders.domain import exact_json
from orders.domain.lifecycle import Status
from orders.market.tokens import SOL, TOKENS, USDC
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components

MARKET = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1.5"}
LIMIT = {**MARKET, "type": "limit", "limitPrice": "150.25"}


def place(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/orders/execute", json={**MARKET, **fields})
    assert answer.status_code == 202, answer.text
    placed: dict[str, Any] = answer.get_json()
    return placed


def record(client: FlaskClient, order_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/orders/{order_id}")
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = exact_json.loads(answer.data)
    return order


def stored_orders() -> int:
    with connection():
        return Order.select().count()


def test_an_accepted_order_is_stored_and_found_at_its_location(client: FlaskClient) -> None:
    answer = client.post("/api/orders/execute?upgrade=ws", json=MARKET)
    assert answer.status_code == 202
    order_id = answer.get_json()["orderId"]
    assert answer.get_json() == {
        "success": True,
        "orderId": order_id,
        "status": "pending",
        "type": "market",
        "websocketUrl": f"/ws/orders/{order_id}",
    }
    assert client.get(answer.headers["Location"]).get_json()["orderId"] == order_id


@pytest.mark.parametrize("status", [200, 201])
def test_the_status_of_an_accepted_order_can_be_set(components: Components, status: int) -> None:
    settings = replace(components.settings, accepted_status=status)
    client = create_app(settings, components).test_client()
    answer = client.post("/api/orders/execute", json=MARKET)
    assert answer.status_code == status
    document = client.get("/openapi.json").get_json()
    assert str(status) in document["paths"]["/api/orders/execute"]["post"]["responses"]
    assert "202" not in document["paths"]["/api/orders/execute"]["post"]["responses"]


def test_the_stream_address_places_orders_too(client: FlaskClient) -> None:
    answer = client.post("/api/orders/execute/stream", json=MARKET)
    assert answer.status_code == 202
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get("/api/orders/execute/stream").status_code == 405


def test_the_orders_of_a_group_can_be_listed(client: FlaskClient) -> None:
    group = "0190c3f1-4f5b-7c3d-9a2e-8b1d6f3e2a10"
    pair = [place(client, **{**LIMIT, "ocoGroup": group})["orderId"] for _ in range(2)]
    place(client, **LIMIT)
    listed = client.get(f"/api/orders?ocoGroup={group}").get_json()["orders"]
    assert [order["orderId"] for order in listed] == pair[::-1]
    assert client.get("/api/orders?ocoGroup=pair").status_code == 400


def test_a_cancelled_event_names_its_reason(client: FlaskClient) -> None:
    order_id = place(client, **LIMIT)["orderId"]
    client.delete(f"/api/orders/{order_id}")
    last = client.get(f"/api/orders/{order_id}/history").get_json()["history"][-1]
    assert (last["status"], last["data"]) == ("cancelled", {"reason": "user"})
    assert record(client, order_id)["cancelledBy"] == {"reason": "user", "by": None}


def test_the_record_has_every_field_of_the_contract(client: FlaskClient) -> None:
    found = record(client, place(client, side="sell", userId="desk 7")["orderId"])
    assert list(found) == [
        "orderId", "clientOrderId", "userId", "type", "side", "tokenIn", "tokenOut", "amountIn",
        "maxSlippageBps", "limitPrice", "stopPrice", "minLiquidity", "expiresAt", "ocoGroup",
        "wallet", "funded", "scenario", "status", "sequence", "attempts", "dexUsed", "amountOut",
        "amountInUsd", "amountOutUsd", "minAmountOut", "executedPrice", "txHash", "explorerUrl",
        "failCode", "failReason", "cancelledBy",
        "createdAt", "updatedAt",
    ]  # fmt: skip
    assert (found["side"], found["userId"], found["tokenIn"]) == ("sell", "desk 7", "SOL")
    assert found["createdAt"].endswith("Z")
    assert found["txHash"] is None


@pytest.mark.parametrize(
    "token", [name for t in TOKENS if t != USDC for name in (t.symbol, t.symbol.lower(), t.mint)]
)
def test_tokens_go_by_symbol_in_any_case_or_mint(shared: FlaskClient, token: str) -> None:
    order = place(shared, tokenIn=token, amountIn=1)
    symbols = {name.upper(): t.symbol for t in TOKENS for name in (t.symbol, t.mint)}
    assert record(shared, order["orderId"])["tokenIn"] == symbols[token.upper()]


@pytest.fixture
def shared(shared_client: FlaskClient) -> FlaskClient:
    return shared_client


def decimals(places: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=Decimal(1).scaleb(-places), max_value=most, places=places)


def spelled(number: Decimal, as_text: bool) -> str:
    text = exact_json.plain(number)
    return f'"{text}"' if as_text else text


@examples(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    amount=st.integers(0, 9).flatmap(lambda places: decimals(places, 10**12)),
    price=st.integers(0, 15).flatmap(lambda places: decimals(places, 10**12)),
    amount_as_text=st.booleans(),
    price_as_text=st.booleans(),
)
def test_decimals_come_out_digit_for_digit(
    shared: FlaskClient,
    amount: Decimal,
    price: Decimal,
    amount_as_text: bool,
    price_as_text: bool,
) -> None:
    body = (
        '{"type":"limit","tokenIn":"SOL","tokenOut":"USDC",'
        f'"amountIn":{spelled(amount, amount_as_text)},'
        f'"limitPrice":{spelled(price, price_as_text)}}}'
    )
    answer = shared.post("/api/orders/execute", data=body, content_type="application/json")
    assert answer.status_code == 202, answer.text
    raw = shared.get(f"/api/orders/{answer.get_json()['orderId']}").text
    assert f'"amountIn":{exact_json.plain(amount)},' in raw
    assert f'"limitPrice":{exact_json.plain(price)},' in raw


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1e-7", "0.0000001"),
        ("1.5E2", "150"),
        ("1.50", "1.50"),
        ("0.000000001", "0.000000001"),
        ("1000000000000", "1000000000000"),
        ("1.000000000000", "1.000000000000"),
    ],
)
def test_numbers_in_any_notation_are_stored_plainly(
    shared: FlaskClient, written: str, kept: str
) -> None:
    body = f'{{"tokenIn":"SOL","tokenOut":"USDC","amountIn":{written}}}'
    answer = shared.post("/api/orders/execute", data=body, content_type="application/json")
    raw = shared.get(f"/api/orders/{answer.get_json()['orderId']}").text
    assert f'"amountIn":{kept},' in raw


@pytest.mark.parametrize(
    ("fields", "bps"),
    [
        ({}, 100),
        ({"maxSlippageBps": 0}, 0),
        ({"slippage": "0.01"}, 100),
        ({"slippage": 0.005}, 50),
        ({"slippage": 1, "maxSlippageBps": 10_000}, 10_000),
        ({"slippage": 0}, 0),
    ],
)
def test_slippage_is_basis_points_or_a_fraction(
    shared: FlaskClient, fields: dict[str, Any], bps: int
) -> None:
    assert record(shared, place(shared, **fields)["orderId"])["maxSlippageBps"] == bps


@pytest.mark.parametrize("fields", [{"amount": "2"}, {"amount": 2, "amountIn": "2.0"}])
def test_amount_is_another_name_of_amount_in(shared: FlaskClient, fields: dict[str, Any]) -> None:
    body = {"tokenIn": "SOL", "tokenOut": "USDC", **fields}
    answer = shared.post("/api/orders/execute", json=body)
    assert record(shared, answer.get_json()["orderId"])["amountIn"] == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"type": "limit", "limitPrice": "150.5"}, {"limitPrice": Decimal("150.5")}),
        ({"type": "stop", "stopPrice": 99}, {"stopPrice": 99}),
        ({"type": "sniper"}, {"minLiquidity": 0}),
        ({"type": "sniper", "minLiquidity": "2500.75"}, {"minLiquidity": Decimal("2500.75")}),
        (
            {"type": "sniper", "tokenOut": "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA"},
            {"tokenOut": "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA"},
        ),
    ],
)
def test_resting_orders_are_open_and_keep_their_condition(
    shared: FlaskClient, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    placed = place(shared, **fields)
    assert (placed["status"], placed["type"]) == ("open", fields["type"])
    found = record(shared, placed["orderId"])
    assert found["expiresAt"] is not None
    assert {name: found[name] for name in expected} == expected


def test_an_expiry_is_kept_to_the_millisecond(client: FlaskClient, components: Components) -> None:
    tomorrow = components.clock.now() + timedelta(days=1)
    expiry = f"{tomorrow:%Y-%m-%dT%H:%M:%S}.125"
    order_id = place(client, type="limit", limitPrice=1, expiresAt=f"{expiry}+00:00")["orderId"]
    assert record(client, order_id)["expiresAt"] == f"{expiry}Z"


def test_history_begins_with_the_first_event(client: FlaskClient) -> None:
    order_id = place(client, **LIMIT)["orderId"]
    history = client.get(f"/api/orders/{order_id}/history").get_json()
    assert (history["orderId"], history["status"]) == (order_id, "open")
    [event] = history["history"]
    assert (event["type"], event["sequence"], event["status"]) == ("status_update", 1, "open")
    assert event["data"]["limitPrice"] == 150.25
    rest = client.get(f"/api/orders/{order_id}/history?afterSequence=1").get_json()
    assert rest == {"orderId": order_id, "status": "open", "history": []}


def test_status_is_short(client: FlaskClient) -> None:
    order_id = place(client)["orderId"]
    status = client.get(f"/api/orders/status/{order_id}").get_json()
    assert list(status) == ["orderId", "status", "updatedAt"]


@pytest.mark.parametrize("how", ["DELETE", "POST"])
@pytest.mark.parametrize("fields", [MARKET, LIMIT])
def test_waiting_orders_can_be_cancelled_once(
    client: FlaskClient, how: str, fields: dict[str, Any]
) -> None:
    path = f"/api/orders/{place(client, **fields)['orderId']}"
    path = path if how == "DELETE" else f"{path}/cancel"
    answer = client.open(path, method=how)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    again = client.open(path, method=how)
    assert (again.status_code, again.get_json()["code"]) == (409, "not_cancellable")
    assert "cancelled" in again.get_json()["detail"]


def test_a_cancel_that_races_with_others_has_one_winner(app: Flask, client: FlaskClient) -> None:
    order_id = place(client)["orderId"]
    statuses: list[int] = []

    def cancel() -> None:
        statuses.append(app.test_client().delete(f"/api/orders/{order_id}").status_code)

    threads = [threading.Thread(target=cancel) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7


def test_a_key_gives_the_same_order_again(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "order 17"}
    first = client.post("/api/orders/execute", json=MARKET, headers=headers)
    again = client.post("/api/orders/execute", json={**MARKET, "amountIn": 1.50}, headers=headers)
    assert (first.status_code, again.status_code) == (202, 200)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    assert again.headers["Location"] == first.headers["Location"]
    assert stored_orders() == 1


def test_a_token_by_symbol_in_any_case_or_mint_is_one_payload(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "spelled"}
    answers = [
        client.post("/api/orders/execute", json={**MARKET, "tokenIn": token}, headers=headers)
        for token in ("sol", "SOL", SOL.mint)
    ]
    assert [answer.status_code for answer in answers] == [202, 200, 200]
    assert len({answer.get_json()["orderId"] for answer in answers}) == 1


@pytest.mark.parametrize("amount", ["-1", "0", "0.0", -1])
def test_amounts_that_are_not_positive_are_refused_as_such(
    shared: FlaskClient, amount: object
) -> None:
    answer = shared.post("/api/orders/execute", json={**MARKET, "amountIn": amount})
    assert answer.get_json()["errors"] == {"amountIn": ["Must be greater than 0."]}


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("0", False), ("0.00", False), ("0e5", False), ("-1", False), ("", False), (".5", False),
     ("1", True), ("0.01", True), ("10", True), ("1.50", True), ("00.5e-2", True)],
)  # fmt: skip
def test_the_documented_pattern_of_an_amount_excludes_zero(
    shared: FlaskClient, text: str, allowed: bool
) -> None:
    document = shared.get("/openapi.json").get_json()
    kinds = document["components"]["schemas"]["NewOrderRequest"]["properties"]["amountIn"]["anyOf"]
    pattern = next(kind["pattern"] for kind in kinds if kind["type"] == "string")
    assert bool(re.search(pattern, text)) is allowed


def test_the_document_tells_the_headers_of_limits_and_refusals(shared: FlaskClient) -> None:
    paths = shared.get("/openapi.json").get_json()["paths"]
    responses = paths["/api/orders/execute"]["post"]["responses"]
    assert "RateLimit-Remaining" in responses["202"]["headers"]
    assert {"RateLimit-Reset", "Retry-After"} <= set(responses["429"]["headers"])
    assert "Retry-After" in responses["503"]["headers"]
    assert "RateLimit-Limit" not in paths["/api/tokens"]["get"]["responses"]["200"]["headers"]


def test_a_key_with_another_payload_is_a_conflict(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    client.post("/api/orders/execute", json=MARKET, headers=headers)
    other = client.post("/api/orders/execute", json={**MARKET, "amountIn": 2}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency_conflict")
    assert stored_orders() == 1


def test_key_of_an_order_that_was_pruned_is_a_conflict(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    client.post("/api/orders/execute", json=MARKET, headers=headers)
    with connection():
        Order.delete().execute()
    again = client.post("/api/orders/execute", json=MARKET, headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (409, "idempotency_conflict")
    assert "removed" in again.get_json()["detail"]


def test_a_hundred_simultaneous_posts_of_one_key_make_one_order(app: Flask) -> None:
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(20)

    def post() -> None:
        client = app.test_client()
        barrier.wait()
        for _ in range(5):
            answer = client.post(
                "/api/orders/execute", json=MARKET, headers={"Idempotency-Key": "same"}
            )
            answers.append((answer.status_code, answer.get_json().get("orderId")))

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 99 + [202]
    assert len({order_id for _, order_id in answers}) == 1
    assert stored_orders() == 1


def test_pages_neither_repeat_nor_miss_while_orders_arrive(client: FlaskClient) -> None:
    before = [place(client)["orderId"] for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        suffix = f"&cursor={cursor}" if cursor else ""
        page = client.get(f"/api/orders?limit=3{suffix}").get_json()
        seen += [order["orderId"] for order in page["orders"]]
        cursor = page["nextCursor"]
        place(client)
    assert len(seen) == len(set(seen))
    assert set(seen) == set(before)


def test_orders_are_listed_newest_first(client: FlaskClient) -> None:
    ids = [place(client)["orderId"] for _ in range(5)]
    listed = client.get("/api/orders").get_json()
    by_time = sorted(listed["orders"], key=lambda order: order["createdAt"], reverse=True)
    assert [o["createdAt"] for o in listed["orders"]] == [o["createdAt"] for o in by_time]
    assert {order["orderId"] for order in listed["orders"]} == set(ids)
    assert listed["nextCursor"] is None


def test_lists_are_filtered(client: FlaskClient) -> None:
    market = place(client)["orderId"]
    limit = place(client, **LIMIT)["orderId"]
    stop = place(client, type="stop", stopPrice=1, tokenIn="BONK", tokenOut="JUP")["orderId"]
    client.delete(f"/api/orders/{market}")

    def found(query: str) -> set[str]:
        listed = client.get(f"/api/orders?{query}").get_json()["orders"]
        return {order["orderId"] for order in listed}

    assert found("status=cancelled") == {market}
    assert found("status=open") == {limit, stop}
    assert found("status=open,cancelled") == {market, limit, stop}
    assert found("status=pending,routing,building,submitted") == set()
    assert found("type=limit") == {limit}
    assert found("tokenIn=bonk") == {stop}
    assert found("tokenOut=JUP&type=stop&status=open") == {stop}
    assert found("tokenIn=JUP") == set()


def test_a_list_filtered_by_live_and_past_statuses_is_paged_in_order(client: FlaskClient) -> None:
    ids = [place(client)["orderId"] for _ in range(6)]
    for order_id in ids[::2]:
        client.delete(f"/api/orders/{order_id}")
    query = "/api/orders?limit=2&status=pending,cancelled"
    seen: list[str] = []
    page = client.get(query).get_json()
    seen += [order["orderId"] for order in page["orders"]]
    while page["nextCursor"]:
        page = client.get(f"{query}&cursor={page['nextCursor']}").get_json()
        seen += [order["orderId"] for order in page["orders"]]
    assert seen == sorted(ids, reverse=True)


def test_a_full_queue_refuses_and_stores_nothing(
    client: FlaskClient, components: Components
) -> None:
    components.queue.redis.lpush(components.queue.huey.storage.queue_key, *(["x"] * 10_000))
    answer = client.post("/api/orders/execute", json=MARKET)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "queue_full")
    assert int(answer.headers["Retry-After"]) > 0
    assert stored_orders() == 0


def test_the_example_of_the_openapi_document_is_accepted(client: FlaskClient) -> None:
    document = json.loads(client.get("/openapi.json").data)
    body = document["paths"]["/api/orders/execute"]["post"]["requestBody"]
    example = body["content"]["application/json"]["example"]
    assert client.post("/api/orders/execute", json=example).status_code == 202


def test_every_status_is_documented(client: FlaskClient) -> None:
    document = json.loads(client.get("/openapi.json").data)
    statuses = document["components"]["schemas"]["StatusAnswer"]["properties"]["status"]["enum"]
    assert statuses == list(Status)


def test_answered_orders_match_the_documented_schema(client: FlaskClient) -> None:
    placed = client.post("/api/orders/execute", json=MARKET).get_json()
    order = client.get(f"/api/orders/{placed['orderId']}").get_json()
    documented = client.get("/openapi.json").get_json()["components"]["schemas"]["OrderAnswer"]
    assert list(order) == list(documented["properties"])
