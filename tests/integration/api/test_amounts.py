"""Amounts as strings for clients that ask for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from orders.domain.amounts import AMOUNTS
from orders.wiring import Components

STRINGS = {"Accept": "text/html;q=0.5, application/json; amounts=string"}
ORDER = {
    "type": "limit",
    "tokenIn": "SOL",
    "tokenOut": "USDC",
    "amountIn": "0.123456789",
    "limitPrice": "100000",
}


def place(client: FlaskClient) -> str:
    order_id: str = client.post("/api/orders/execute", json=ORDER).get_json()["orderId"]
    return order_id


@pytest.mark.parametrize(
    ("query", "headers"), [("?amounts=string", {}), ("", STRINGS)], ids=["query", "header"]
)
def test_amounts_of_a_record_are_strings(
    client: FlaskClient, query: str, headers: dict[str, str]
) -> None:
    record = client.get(f"/api/orders/{place(client)}{query}", headers=headers).get_json()
    assert (record["amountIn"], record["limitPrice"]) == ("0.123456789", "100000")
    assert (record["maxSlippageBps"], record["sequence"]) == (100, 1)


def test_whole_amounts_of_events_are_strings_too(client: FlaskClient) -> None:
    path = f"/api/orders/{place(client)}/history?amounts=string&afterSequence=0"
    event = client.get(path).get_json()["history"][0]
    assert event["data"]["limitPrice"] == "100000"
    assert event["sequence"] == 1


def test_events_of_a_fill_hold_no_number_that_is_an_amount(
    client: FlaskClient, components: Components
) -> None:
    body = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 2}
    order_id = client.post("/api/orders/execute", json=body).get_json()["orderId"]
    components.engine.execute(UUID(order_id))
    history = client.get(f"/api/orders/{order_id}/history", headers=STRINGS).get_json()["history"]
    assert numbers(history) <= {"sequence", "attempt", "feeBps", "slot", "lastValidBlockHeight"}


def numbers(value: Any, key: str = "") -> set[str]:
    """The keys that hold numbers."""
    if isinstance(value, dict):
        return set().union(*(numbers(inner, name) for name, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(numbers(inner, key) for inner in value))
    return {key} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def test_amounts_are_numbers_unless_asked_otherwise(client: FlaskClient) -> None:
    order_id = place(client)
    plain = client.get(f"/api/orders/{order_id}")
    assert b'"amountIn":0.123456789' in plain.data
    assert plain.data == client.get(f"/api/orders/{order_id}?amounts=number").data
    other = client.get(f"/api/orders/{order_id}", headers={"Accept": "application/json; amounts=x"})
    assert plain.data == other.data


def test_an_unknown_form_is_refused_before_anything_is_stored(client: FlaskClient) -> None:
    refused = client.post("/api/orders/execute?amounts=text", json=ORDER)
    assert refused.status_code == 400
    assert refused.get_json()["errors"] == {"amounts": ["Must be one of: string, number."]}
    assert client.get("/api/orders").get_json()["orders"] == []


def test_quotes_come_as_strings(client: FlaskClient) -> None:
    quotes = client.get(
        "/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1&amounts=string"
    ).get_json()
    assert quotes["amountIn"] == "1"
    assert all(isinstance(quote["amountOut"], str) for quote in quotes["quotes"])


def test_problems_stay_as_they_are(client: FlaskClient) -> None:
    missing = client.get("/api/orders/nothing?amounts=string").get_json()
    assert missing["status"] == 404


def test_every_documented_amount_has_both_forms(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    documented = {
        name
        for schema, content in document["components"]["schemas"].items()
        for name, field in content.get("properties", {}).items()
        if schema != "Problem" and "number" in field.get("type", [])
    }
    assert documented - {"latencyMs", "aheadBySeconds", "oldestWaitingSeconds"} <= AMOUNTS
