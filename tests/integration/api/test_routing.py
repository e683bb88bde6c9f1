"""Which view answers which address and method."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}


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
def test_address_is_answered_with_its_status(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    assert client.open(path, method=method).status_code == status


def test_methods_and_websockets_of_one_address_are_told_apart(client: FlaskClient) -> None:
    address = "/api/orders/execute"
    assert client.get(address).status_code == 426
    assert client.post(address, json={}).status_code == 400
    assert client.delete(address).status_code == 405
