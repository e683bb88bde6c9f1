"""Which address is answered by what, asked for the first time and once that is remembered."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.api.application import Application

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}
TIMES = 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("GET", "/health/", 200),
        ("POST", "/health", 405),
        ("GET", "/nothing/here", 404),
        ("GET", "/api/orders/execute", 426),
        ("POST", "/api/orders/execute", 415),
        ("GET", "/api/orders/no-such-order", 404),
    ],
)
def test_address_is_answered_alike_however_often_it_is_asked_for(
    app: Flask, client: FlaskClient, method: str, path: str, status: int
) -> None:
    answers = [client.open(path, method=method) for _ in range(TIMES)]
    assert [answer.status_code for answer in answers] == [status] * TIMES
    assert len({answer.get_data() for answer in answers if status == 200}) <= 1


def test_methods_and_websockets_of_one_address_are_told_apart(client: FlaskClient) -> None:
    address = "/api/orders/execute"
    for _ in range(TIMES):
        assert client.get(address).status_code == 426
        assert client.post(address, json={}).status_code == 400
        assert client.delete(address).status_code == 405


def test_nobody_fills_the_memory_with_addresses(app: Flask, client: FlaskClient) -> None:
    assert isinstance(app, Application)
    client.get("/health")
    known = dict(app.plain_routes)
    assert known
    for number in range(20):
        client.get(f"/api/orders/{number}")
        client.get(f"/nothing/{number}")
        client.get("/" * number + "health")
        client.open("/health", method=f"ODD{number}")
        client.get(f"/health?{number}")
    client.get("/health", headers=UPGRADE)
    assert app.plain_routes == known
