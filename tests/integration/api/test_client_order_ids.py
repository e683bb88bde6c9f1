"""Clients' own ids of orders, and lists filtered by who and when, over HTTP."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.storage.database import connection, database
from orders.storage.pruning import prune
from orders.wiring import Components
from tests.integration.api.test_account import Member
from tests.integration.api.test_orders import LIMIT, MARKET, place, record, stored_orders

NAMED = {**MARKET, "clientOrderId": "bot-7:42"}


def submit(client: FlaskClient, body: dict[str, Any], key: str | None = None) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/api/orders/execute", json=body, headers=headers)
    return answer.status_code, answer.get_json()


def test_a_repeat_answers_the_same_order(client: FlaskClient) -> None:
    first = client.post("/api/orders/execute", json=NAMED)
    again = client.post("/api/orders/execute", json={**NAMED, "tokenIn": "sol", "amountIn": 1.50})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    assert stored_orders() == 1


def test_other_terms_under_the_same_id_are_a_conflict(client: FlaskClient) -> None:
    submit(client, NAMED)
    for changed in ({**NAMED, "amountIn": 2}, {**NAMED, "amountIn": 2, "dryRun": True}):
        status, problem = submit(client, changed)
        assert (status, problem["code"]) == (409, "client_order_id_conflict")
    assert stored_orders() == 1


def test_many_simultaneous_submits_of_one_id_make_one_order(app: Flask) -> None:
    answers: list[tuple[int, Any]] = []

    def send(number: int) -> None:
        # A key of its own each: a lost race must not leave it behind.
        answers.append(submit(app.test_client(), NAMED, f"key {number}"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 19 + [202]
    assert len({body["orderId"] for _, body in answers}) == 1
    with connection():
        keys = database.execute_sql("SELECT order_id FROM idempotency_keys").fetchall()
        events = database.execute_sql("SELECT count(*) FROM order_events").fetchone()
    assert {str(order_id) for (order_id,) in keys} == {answers[0][1]["orderId"]}
    assert (len(keys), events[0]) == (1, 1)


def test_simultaneous_conflicts_on_one_id_leave_no_hold(app: Flask, client: FlaskClient) -> None:
    member = Member(client)
    statuses: list[int] = []

    def send(amount: int) -> None:
        body = {**LIMIT, "amountIn": amount, "clientOrderId": "one"}
        headers = {"Authorization": f"Bearer {member.token}"}
        answer = app.test_client().post("/api/orders", json=body, headers=headers)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(amount,)) for amount in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [409] * 7
    [stored] = member.ask("GET", "/api/orders")["orders"]
    assert member.balance("SOL")["held"] == stored["amountIn"]


def test_an_order_is_read_by_its_client_id(client: FlaskClient) -> None:
    order_id = submit(client, NAMED)[1]["orderId"]
    found = client.get(f"/api/orders/by-client-id/{NAMED['clientOrderId']}").get_json()
    assert (found["orderId"], found["clientOrderId"]) == (order_id, "bot-7:42")
    assert record(client, order_id)["clientOrderId"] == "bot-7:42"
    history = client.get(f"/api/orders/{order_id}/history").get_json()["history"]
    assert history[0]["data"] == {"attempt": 1, "clientOrderId": "bot-7:42"}
    missing = client.get("/api/orders/by-client-id/bot-7:43")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "order_not_found")


def test_every_account_has_ids_of_its_own(client: FlaskClient) -> None:
    one, other = Member(client), Member(client)
    ids = [each.ask("POST", "/api/orders", NAMED, 202)["orderId"] for each in (one, other)]
    ids.append(submit(client, NAMED)[1]["orderId"])
    assert len(set(ids)) == 3
    path = "/api/orders/by-client-id/bot-7:42"
    assert one.ask("GET", path)["orderId"] == ids[0]
    assert other.ask("GET", path)["orderId"] == ids[1]
    assert client.get(path).get_json()["orderId"] == ids[2]


def test_an_id_stays_taken_after_its_order_was_pruned(
    client: FlaskClient, components: Components
) -> None:
    order_id = submit(client, NAMED)[1]["orderId"]
    client.delete(f"/api/orders/{order_id}")
    for _ in prune(components.order_store.now().replace(year=2100), 10):
        pass
    assert stored_orders() == 0
    status, problem = submit(client, NAMED)
    assert (status, problem["code"]) == (409, "client_order_id_conflict")
    assert client.get("/api/orders/by-client-id/bot-7:42").status_code == 404


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", ".", "a/b", "ä", "a\n", "-a", 7])
def test_ids_that_do_not_fit_into_a_path_are_refused(client: FlaskClient, text: object) -> None:
    status, problem = submit(client, {**MARKET, "clientOrderId": text})
    assert (status, list(problem["errors"])) == (400, ["clientOrderId"])


def test_lists_are_filtered_by_client_id_label_and_time(
    client: FlaskClient, components: Components
) -> None:
    plain = place(client)["orderId"]
    named = place(client, clientOrderId="mine", userId="desk 7", **LIMIT)["orderId"]
    placed_at = record(client, named)["createdAt"]

    def found(query: str) -> set[str]:
        listed = client.get(f"/api/orders?{query}").get_json()["orders"]
        return {order["orderId"] for order in listed}

    assert found("clientOrderId=mine") == {named}
    assert found("clientOrderId=mine&status=cancelled") == found("clientOrderId=yours") == set()
    assert found(f"userId={quote('desk 7')}") == {named}
    assert found(f"from={placed_at}") - {plain} == {named}
    assert named not in found(f"to={placed_at}")
    assert plain in found(f"to={placed_at}") | found(f"from={placed_at}")
    assert found("from=2100-01-01T00:00:00Z") == found("to=2001-01-01T00:00:00Z") == set()
    assert found("from=2001-01-01T00:00:00Z&to=2100-01-01T00:00:00Z") == {plain, named}
    assert client.get("/api/orders?from=yesterday").status_code == 400


def test_an_account_filters_by_its_own_id_alone(client: FlaskClient) -> None:
    member = Member(client)
    member.ask("POST", "/api/orders", MARKET, 202)
    [order] = member.ask("GET", "/api/orders")["orders"]
    assert member.ask("GET", f"/api/orders?userId={order['userId']}")["orders"] == [order]
    assert member.ask("GET", "/api/orders?userId=somebody")["orders"] == []


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("bound", ["from", "to"])
def test_any_time_can_bound_a_list(client: FlaskClient, bound: str, moment: str) -> None:
    order_id = place(client)["orderId"]
    expected = [order_id] if (bound == "from") == (moment[0] == "0") else []
    listed = client.get(f"/api/orders?{bound}={moment}").get_json()["orders"]
    assert [order["orderId"] for order in listed] == expected
