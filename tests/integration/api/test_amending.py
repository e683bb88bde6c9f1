"""Amending open orders over HTTP, with the effect on holds, watchers and histories."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.domain import exact_json
from orders.storage.database import connection, database
from orders.wiring import Components
from tests.check_history import ClientLog, check_history
from tests.integration.api.test_account import Member
from tests.integration.api.test_orders import LIMIT, place, record

HIGH = {**LIMIT, "limitPrice": 100_000}
GROUP = "0197b0f2-0000-7000-8000-000000000003"


@pytest.fixture(autouse=True)
def history_is_sound(components: Components) -> Iterator[None]:
    yield
    stored = psycopg2.connect(components.settings.database_url)
    violations = check_history(stored, ClientLog(), max_retries=3)
    stored.close()
    assert violations == []


def amend(
    client: FlaskClient, order_id: str, terms: Any, status: int = 200, if_match: str | None = None
) -> dict[str, Any]:
    headers = {"If-Match": if_match} if if_match else {}
    answer = client.patch(f"/api/orders/{order_id}", json=terms, headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = exact_json.loads(answer.data)
    return found


def test_amended_terms_are_stored_and_told(client: FlaskClient, components: Components) -> None:
    order_id = place(client, **HIGH)["orderId"]
    expiry = exact_json.iso(components.order_store.now() + timedelta(hours=2))
    terms = {
        "limitPrice": "90000.5",
        "expiresAt": expiry,
        "maxSlippageBps": 7,
        "amountIn": "2.25",
    }
    before = record(client, order_id)
    after = amend(client, order_id, terms)
    assert after == record(client, order_id)
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed.pop("updatedAt") > before["updatedAt"]
    assert changed == {
        "limitPrice": Decimal("90000.5"),
        "expiresAt": expiry,
        "maxSlippageBps": 7,
        "amountIn": Decimal("2.25"),
        "sequence": 2,
    }
    history = exact_json.loads(client.get(f"/api/orders/{order_id}/history").data)["history"]
    told = history[-1]
    assert (len(history), told["sequence"], told["status"]) == (2, 2, "open")
    assert told["data"]["amended"]["limitPrice"] == {"from": 100_000, "to": Decimal("90000.5")}
    assert (told["data"]["limitPrice"], told["data"]["expiresAt"]) == (Decimal("90000.5"), expiry)


def test_amended_price_is_what_triggers(client: FlaskClient, components: Components) -> None:
    order_id = place(client, **HIGH)["orderId"]
    assert components.triggers.tick() == 0
    amend(client, order_id, {"limitPrice": 1})
    assert components.triggers.tick() == 1
    components.engine.execute(UUID(order_id))
    assert record(client, order_id)["status"] == "confirmed"


def test_amended_expiry_is_when_it_expires(client: FlaskClient, components: Components) -> None:
    order_id = place(client, **HIGH)["orderId"]
    expiry = exact_json.iso(components.order_store.now() + timedelta(days=20))
    amend(client, order_id, {"expiresAt": expiry})
    with connection():
        row = database.execute_sql("SELECT due_at, rests_until, expires_at FROM orders").fetchone()
    assert {exact_json.iso(moment) for moment in row} == {expiry}
    for wrong in ("2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z"):
        assert list(amend(client, order_id, {"expiresAt": wrong}, 400)["errors"]) == ["expiresAt"]


def test_if_match_lets_one_of_two_amendments_through(client: FlaskClient) -> None:
    order_id = place(client, **HIGH)["orderId"]
    tag = client.get(f"/api/orders/{order_id}").headers["ETag"]
    assert tag == '"1"'
    amend(client, order_id, {"limitPrice": 99_000}, if_match=tag)
    refused = amend(client, order_id, {"limitPrice": 98_000}, 412, if_match=tag)
    assert refused["code"] == "order_changed"
    assert record(client, order_id)["limitPrice"] == 99_000
    amend(client, order_id, {"limitPrice": 98_000}, if_match="*")


def test_unchanged_terms_make_no_event(client: FlaskClient) -> None:
    order_id = place(client, **HIGH)["orderId"]
    assert amend(client, order_id, {"limitPrice": "100000.0"})["sequence"] == 1


def test_simultaneous_amendments_lose_nothing(app: Flask, client: FlaskClient) -> None:
    order_id = place(client, **HIGH)["orderId"]
    statuses: list[int] = []

    def send(number: int) -> None:
        path = f"/api/orders/{order_id}"
        answer = app.test_client().patch(path, json={"limitPrice": 50_000 + number})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}
    history = client.get(f"/api/orders/{order_id}/history").get_json()["history"]
    prices = [event["data"]["limitPrice"] for event in history]
    chain = [event["data"]["amended"]["limitPrice"]["from"] for event in history[1:]]
    assert (len(prices), chain) == (5, prices[:-1])


def test_a_hold_follows_the_amount(client: FlaskClient) -> None:
    member = Member(client)
    body = {**HIGH, "amountIn": 100}
    order_id = member.ask("POST", "/api/orders", body, 202)["orderId"]
    for amount in (1000, 5):
        assert member.ask("PATCH", f"/api/orders/{order_id}", {"amountIn": amount})["funded"]
        assert member.balance("SOL")["held"] == amount
    refused = member.ask("PATCH", f"/api/orders/{order_id}", {"amountIn": 1001}, 422)
    assert (refused["code"], refused["needed"], refused["available"]) == (
        "insufficient_funds",
        1001,
        1000,
    )
    assert member.balance("SOL")["held"] == 5
    member.ask("PATCH", f"/api/orders/{order_id}", {"limitPrice": 90_000})
    assert member.balance("SOL")["held"] == 5
    member.ask("DELETE", f"/api/orders/{order_id}")
    assert member.balance("SOL")["held"] == 0


def test_a_groups_hold_stays_the_largest(client: FlaskClient) -> None:
    member = Member(client)
    ids = [
        member.ask("POST", "/api/orders", {**HIGH, "amountIn": amount, "ocoGroup": GROUP}, 202)
        for amount in (100, 200)
    ]
    for number, amount, held in ((0, 150, 200), (0, 300, 300), (0, 10, 200), (1, 5, 10)):
        member.ask("PATCH", f"/api/orders/{ids[number]['orderId']}", {"amountIn": amount})
        assert member.balance("SOL")["held"] == held


def test_too_little_money_is_told_in_what_the_order_would_spend(client: FlaskClient) -> None:
    member = Member(client)
    alone = member.ask("POST", "/api/orders", {**HIGH, "amountIn": 100}, 202)["orderId"]
    ids = [
        member.ask("POST", "/api/orders", {**HIGH, "amountIn": amount, "ocoGroup": GROUP}, 202)
        for amount in (300, 200)
    ]
    for order_id, available in ((alone, 700), (ids[0]["orderId"], 900), (ids[1]["orderId"], 900)):
        refused = member.ask("PATCH", f"/api/orders/{order_id}", {"amountIn": 2000}, 422)
        assert (refused["needed"], refused["available"]) == (2000, available)
    further = {**HIGH, "amountIn": 2000, "ocoGroup": GROUP}
    for order in (further, {**further, "dryRun": True}):
        refused = member.ask("POST", "/api/orders", order, 422)
        assert (refused["needed"], refused["available"]) == (2000, 900)
    assert member.balance("SOL")["held"] == 400


def test_simultaneous_amounts_never_hold_more_than_there_is(app: Flask) -> None:
    member = Member(app.test_client())
    ids = [
        member.ask("POST", "/api/orders", {**HIGH, "amountIn": 1}, 202)["orderId"] for _ in range(6)
    ]
    statuses: list[int] = []

    def send(order_id: str) -> None:
        headers = {"Authorization": f"Bearer {member.token}"}
        answer = app.test_client().patch(
            f"/api/orders/{order_id}", json={"amountIn": 400}, headers=headers
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(order_id,)) for order_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 422, 422, 422, 422]
    assert member.balance("SOL")["held"] == 804


def test_orders_that_do_not_rest_are_not_amended(
    client: FlaskClient, components: Components
) -> None:
    market, limit = place(client)["orderId"], place(client, **HIGH)["orderId"]
    client.delete(f"/api/orders/{limit}")
    for order_id in (market, limit):
        refused = amend(client, order_id, {"maxSlippageBps": 5}, 409)
        assert refused["code"] == "not_amendable"


@pytest.mark.parametrize(
    "terms",
    [{}, {"stopPrice": 5}, {"limitPrice": 0}, {"tokenIn": "RAY"}, {"amountIn": "0.0000000001"}],
)
def test_terms_that_do_not_fit_are_refused(client: FlaskClient, terms: dict[str, Any]) -> None:
    order_id = place(client, **HIGH)["orderId"]
    assert amend(client, order_id, terms, 400)["code"] == "validation_failed"
    assert record(client, order_id)["sequence"] == 1


def test_no_terms_are_refused_without_blaming_a_field(client: FlaskClient) -> None:
    refused = amend(client, place(client, **HIGH)["orderId"], {}, 400)
    assert refused["errors"] == {}
    assert refused["detail"].startswith("Name at least one term to amend: amountIn, ")


def test_another_accounts_order_is_not_there(client: FlaskClient) -> None:
    order_id = Member(client).ask("POST", "/api/orders", HIGH, 202)["orderId"]
    Member(client).ask("PATCH", f"/api/orders/{order_id}", {"limitPrice": 1}, 404)
    amend(client, order_id, {"limitPrice": 1}, 404)


def test_terms_that_a_wallet_signed_are_not_amended(client: FlaskClient) -> None:
    order_id = place(client, **HIGH)["orderId"]
    with connection():
        database.execute_sql("UPDATE orders SET wallet = 'somebody'")
    assert amend(client, order_id, {"limitPrice": 1}, 409)["code"] == "not_amendable"
    assert record(client, order_id)["limitPrice"] == 100_000
