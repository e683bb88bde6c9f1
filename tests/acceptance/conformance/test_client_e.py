"""A client with an account: it signs up, orders with its token, and sees only its own orders."""

import json
import uuid

import pytest
import requests
import websocket

from tests.stack import Stack

BODY = {"tokenIn": "SOL", "tokenOut": "USDC", "amount": 0.25}


@pytest.fixture
def credentials(stack: Stack) -> dict[str, str]:
    """The email address and password of a new account."""
    given = {"email": f"{uuid.uuid4().hex}@example.org", "password": "correct horse battery"}
    answer = requests.post(f"{stack.url}/api/auth/signup", json=given, timeout=10)
    assert answer.status_code == 201
    assert answer.json()["user"]["email"] == given["email"]
    return given


@pytest.fixture
def token(stack: Stack, credentials: dict[str, str]) -> str:
    """A bearer token from a log-in."""
    answer = requests.post(f"{stack.url}/api/auth/login", json=credentials, timeout=10)
    assert answer.status_code == 200
    return str(answer.json()["token"])


def follow(stack: Stack, order_id: str, token: str | None) -> list[dict[str, object]]:
    address = stack.url.replace("http", "ws") + f"/api/ws/orders?orderId={order_id}"
    header = [f"Authorization: Bearer {token}"] if token else []
    connection = websocket.create_connection(address, header=header, timeout=30)
    messages: list[dict[str, object]] = []
    while True:
        opcode, payload = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return [*messages, {"closed": int.from_bytes(payload[:2], "big")}]
        messages.append(json.loads(payload))


def test_it_orders_lists_and_follows_with_its_token(stack: Stack, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    placed = requests.post(f"{stack.url}/api/orders", json=BODY, headers=headers, timeout=10)
    assert placed.status_code == 202
    order_id = placed.json()["orderId"]

    *_, last, end = follow(stack, order_id, token)
    assert end == {"closed": 1000}
    events = last["logs"] if last["type"] == "backfill" else [last]
    assert events[-1]["status"] == "confirmed"  # type: ignore[index]

    listed = requests.get(f"{stack.url}/api/orders", headers=headers, timeout=10).json()
    assert [order["orderId"] for order in listed["orders"]] == [order_id]
    me = requests.get(f"{stack.url}/api/auth/me", headers=headers, timeout=10).json()
    assert listed["orders"][0]["userId"] == me["user"]["id"]


def test_its_streaming_address_places_an_order(stack: Stack) -> None:
    placed = requests.post(f"{stack.url}/api/orders/execute/stream", json=BODY, timeout=10)
    assert placed.status_code == 202
    *_, end = follow(stack, placed.json()["orderId"], None)
    assert end == {"closed": 1000}


def test_without_the_token_its_orders_do_not_exist(stack: Stack, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    placed = requests.post(f"{stack.url}/api/orders", json=BODY, headers=headers, timeout=10)
    order_id = placed.json()["orderId"]
    assert requests.get(f"{stack.url}/api/orders/{order_id}", timeout=10).status_code == 404
    refusal, end = follow(stack, order_id, None)
    assert refusal["code"] == "order_not_found"
    assert end == {"closed": 4404}


def test_ordering_without_a_token_is_refused(stack: Stack) -> None:
    answer = requests.post(f"{stack.url}/api/orders", json=BODY, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_wrong_password_is_refused(stack: Stack, credentials: dict[str, str]) -> None:
    wrong = {**credentials, "password": "not the password"}
    answer = requests.post(f"{stack.url}/api/auth/login", json=wrong, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
