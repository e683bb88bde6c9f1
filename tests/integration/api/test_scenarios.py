"""Scenarios over HTTP: the catalogue, refusals, who may have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.market.scenarios.catalogue import SCENARIOS
from orders.wiring import Components

ORDER = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1}


def place(client: FlaskClient, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return client.post("/api/orders/execute", json=ORDER | fields, headers=headers)


def test_catalogue_lists_every_scenario_with_its_statuses(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/api/scenarios").get_json()
    assert answer["allowed"] is True
    listed = {each["name"]: each for each in answer["scenarios"]}
    assert list(listed) == [each.name for each in SCENARIOS]
    assert listed["insufficient_liquidity"]["statuses"] == ["pending", "routing", "failed"]
    assert listed["insufficient_liquidity"]["finalStatus"] == "failed"
    assert listed["lands_late"]["argument"] == {"kind": "s", "most": 60, "default": 30}
    assert listed["fills"]["argument"] is None


def test_every_listed_example_is_taken(shared_client: FlaskClient) -> None:
    for each in shared_client.get("/api/scenarios").get_json()["scenarios"]:
        if each["group"] != "API":
            assert place(shared_client, scenario=each["example"]).status_code == 202


def test_record_and_first_event_tell_the_scenario(shared_client: FlaskClient) -> None:
    order_id = place(shared_client, scenario="lands_late").get_json()["orderId"]
    record = shared_client.get(f"/api/orders/{order_id}").get_json()
    history = shared_client.get(f"/api/orders/{order_id}/history").get_json()["history"]
    assert record["scenario"] == history[0]["data"]["scenario"] == "lands_late:30"


def test_orders_without_a_scenario_name_none(shared_client: FlaskClient) -> None:
    order_id = place(shared_client).get_json()["orderId"]
    record = shared_client.get(f"/api/orders/{order_id}").get_json()
    history = shared_client.get(f"/api/orders/{order_id}/history").get_json()["history"]
    assert record["scenario"] is None
    assert "scenario" not in history[0]["data"]


def test_unknown_name_is_refused_with_the_nearest(shared_client: FlaskClient) -> None:
    for answer in (
        place(shared_client, scenario="droped_once"),
        place(shared_client, {"X-Scenario": "droped_once"}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (422, "unknown_scenario")
        assert "did you mean dropped_once?" in answer.get_json()["detail"]


def test_field_and_header_must_not_differ(shared_client: FlaskClient) -> None:
    answer = place(shared_client, {"X-Scenario": "fills"}, scenario="no_route")
    assert answer.status_code == 400
    assert "scenario" in answer.get_json()["errors"]
    assert place(shared_client, {"X-Scenario": "fills"}, scenario="fills").status_code == 202


def test_another_scenario_is_another_payload(shared_client: FlaskClient) -> None:
    key = {"Idempotency-Key": "one key, two scenarios"}
    assert place(shared_client, key, scenario="fills").status_code == 202
    assert place(shared_client, key, scenario="fills").status_code == 200
    assert place(shared_client, key, scenario="no_route").status_code == 409


@pytest.fixture
def production(components: Components) -> Components:
    """A process outside local mode; scenarios are not switched on."""
    settings = replace(components.settings, environment="production")
    return replace(
        components, settings=settings, scenarios=type(components.scenarios)(settings, ())
    )


def test_production_refuses_scenarios_and_stores_nothing(production: Components) -> None:
    client = create_app(production.settings, production).test_client()
    answer = place(client, scenario="fills")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scenario_not_allowed")
    assert client.get("/api/orders").get_json()["orders"] == []
    assert client.get("/api/scenarios").get_json()["allowed"] is False


def test_pages_of_the_catalogue_are_served(shared_client: FlaskClient) -> None:
    page = shared_client.get("/docs/scenarios").text
    assert all(f'id="{each.name}"' in page for each in SCENARIOS)


def test_a_refusal_asks_redis_nothing_while_it_is_known_to_be_away(
    client: FlaskClient, components: Components
) -> None:
    components.queue.breaker.trip()
    placed = place(client, {"Idempotency-Key": "one"}, scenario="http_503")
    assert placed.status_code == 202
