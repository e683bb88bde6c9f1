"""Cancelling and exporting many orders over HTTP."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.api.order_export import PAGE
from orders.execution.cancel_all import CancelAll
from orders.wiring import Components
from tests.integration.api.test_account import Member
from tests.integration.api.test_orders import LIMIT, place, record


def cancel_all(client: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = client.post(f"/api/orders/cancel-all{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_cancel_all_ends_what_the_filters_name(client: FlaskClient) -> None:
    market, limit = place(client)["orderId"], place(client, **LIMIT)["orderId"]
    stop = place(client, type="stop", stopPrice=1, tokenIn="BONK", tokenOut="JUP")["orderId"]
    assert cancel_all(client, "?status=open&tokenIn=SOL") == {
        "cancelled": [limit],
        "notCancelled": [],
        "more": False,
    }
    assert cancel_all(client)["cancelled"] == [stop, market]
    history = client.get(f"/api/orders/{stop}/history").get_json()["history"]
    assert (history[-1]["status"], history[-1]["data"]) == ("cancelled", {"reason": "user"})
    assert cancel_all(client)["cancelled"] == []


def test_cancel_all_names_orders_that_a_worker_has(
    client: FlaskClient, components: Components
) -> None:
    claimed, waiting = place(client)["orderId"], place(client)["orderId"]
    assert components.order_store.claim(UUID(claimed))
    found = cancel_all(client)
    assert found["cancelled"] == [waiting]
    assert [(o["orderId"], o["status"]) for o in found["notCancelled"]] == [(claimed, "routing")]
    assert record(client, claimed)["status"] == "routing"


def test_cancel_all_is_bounded_and_says_that_more_is_left(components: Components) -> None:
    settings = replace(components.settings, cancel_all_limit=3, journal_batch=2)
    bounded = replace(components, cancel_all=CancelAll(settings, components.order_store))
    client = create_app(components.settings, bounded).test_client()
    ids = [place(client, **LIMIT)["orderId"] for _ in range(5)]
    first, second = cancel_all(client), cancel_all(client)
    assert (first["cancelled"], first["more"]) == (ids[:1:-1], True)
    assert (second["cancelled"], second["more"]) == (ids[1::-1], False)


def test_cancel_all_releases_what_orders_hold_and_leaves_others_alone(client: FlaskClient) -> None:
    member, stranger = Member(client), Member(client)
    for each in (member, member, stranger):
        each.ask("POST", "/api/orders", {**LIMIT, "amountIn": 10}, 202)
    anonymous = place(client)["orderId"]
    assert member.balance("SOL")["held"] == 20
    assert len(member.ask("POST", "/api/orders/cancel-all")["cancelled"]) == 2
    assert (member.balance("SOL")["held"], stranger.balance("SOL")["held"]) == (0, 10)
    assert record(client, anonymous)["status"] == "pending"


def test_cancel_all_of_a_group_releases_its_one_hold(client: FlaskClient) -> None:
    member = Member(client)
    group = "0197b0f2-0000-7000-8000-000000000001"
    for price in (1000, 2000):
        order = {**LIMIT, "limitPrice": price, "ocoGroup": group}
        member.ask("POST", "/api/orders", order, 202)
    assert len(member.ask("POST", f"/api/orders/cancel-all?ocoGroup={group}")["cancelled"]) == 2
    assert member.balance("SOL")["held"] == 0


def test_another_sites_page_cancels_nothing(client: FlaskClient) -> None:
    order_id = place(client)["orderId"]
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    answer = client.post("/api/orders/cancel-all", headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "cross_site_request")
    assert record(client, order_id)["status"] == "pending"


@pytest.mark.parametrize("query", ["status=dead", "limit=5", "tokenIn=NOPE"])
def test_unknown_filters_cancel_nothing(client: FlaskClient, query: str) -> None:
    order_id = place(client)["orderId"]
    assert client.post(f"/api/orders/cancel-all?{query}").status_code == 400
    assert record(client, order_id)["status"] == "pending"
    assert client.get("/api/orders/cancel-all").status_code == 405


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"type": "limit"}', "validation_failed"),
        (b'{"__proto__": 1}', "validation_failed"),
        (b'["limit"]', "malformed_request"),
        (b"type=limit", "malformed_request"),
        (b"xxx", "malformed_request"),
        (b" ", "malformed_request"),
        (b"x" * 70_000, "payload_too_large"),
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", "application/x-www-form-urlencoded"])
def test_filters_in_the_body_cancel_nothing(
    client: FlaskClient, body: bytes, code: str, media_type: str
) -> None:
    order_id = place(client)["orderId"]
    answer = client.post("/api/orders/cancel-all", data=body, content_type=media_type)
    assert answer.get_json()["code"] == code
    assert record(client, order_id)["status"] == "pending"


def test_filters_in_the_body_are_named_with_the_place_for_them(client: FlaskClient) -> None:
    answer = client.post("/api/orders/cancel-all", json={"type": "limit", "status": "open"})
    assert answer.status_code == 400
    assert set(answer.get_json()["errors"]) == {"type", "status"}
    assert "?type=limit" in answer.get_json()["errors"]["type"][0]


def test_an_empty_object_is_no_filter(client: FlaskClient) -> None:
    order_id = place(client)["orderId"]
    assert client.post("/api/orders/cancel-all", json={}).get_json()["cancelled"] == [order_id]


def export(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/api/orders.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_an_export_holds_what_the_records_hold(client: FlaskClient, components: Components) -> None:
    market = place(client, amountIn="0.000000001")["orderId"]
    components.engine.execute(UUID(market))
    limit = place(client, **LIMIT, userId='desk "7", floor 2')["orderId"]
    rows = export(client)
    assert [row["orderId"] for row in rows] == [limit, market]
    for row in rows:
        stored = record(client, row["orderId"])
        assert list(row) == list(stored)
        assert (row["tokenIn"], row["createdAt"]) == ("SOL", stored["createdAt"])
        assert Decimal(row["amountIn"]) == stored["amountIn"]
    assert rows[1]["amountIn"] == "0.000000001"
    assert (rows[0]["userId"], rows[0]["txHash"]) == ('desk "7", floor 2', "")
    assert (rows[0]["funded"], rows[0]["limitPrice"]) == ("false", "150.25")


def test_an_export_is_filtered_and_bounded(components: Components) -> None:
    settings = replace(components.settings, export_limit=PAGE + 2, rate_limit="off")
    client = create_app(settings, components).test_client()
    ids = [place(client)["orderId"] for _ in range(PAGE + 5)]
    limit = place(client, **LIMIT)["orderId"]
    assert [row["orderId"] for row in export(client, "?type=limit")] == [limit]
    found = [row["orderId"] for row in export(client, "?type=market")]
    assert found == sorted(ids, reverse=True)[: PAGE + 2]
    assert export(client, "?type=stop") == []
    assert client.get("/api/orders.csv?limit=5").status_code == 400


def test_export_holds_only_the_accounts_own_orders(client: FlaskClient) -> None:
    member = Member(client)
    own = member.ask("POST", "/api/orders", LIMIT, 202)["orderId"]
    anonymous = place(client)["orderId"]
    headers = {"Authorization": f"Bearer {member.token}"}
    text = client.get("/api/orders.csv", headers=headers).text
    assert own in text
    assert anonymous not in text
    assert [row["orderId"] for row in export(client)] == [anonymous]


def test_an_export_holds_no_formulas(client: FlaskClient) -> None:
    place(client, userId="=HYPERLINK(1)")
    assert export(client)[0]["userId"] == "'=HYPERLINK(1)"
