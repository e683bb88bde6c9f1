"""A client that writes decimals as strings, repeats requests by key, and wants the backfill."""

import json
import uuid

import requests
import websocket

from tests.clients import wait_terminal
from tests.stack import Stack

BODY = {
    "type": "market",
    "tokenIn": "SOL",
    "tokenOut": "USDC",
    "amount": "1.5",
    "slippage": "0.01",
}


def post(stack: Stack, key: str, **fields: str) -> requests.Response:
    return requests.post(
        f"{stack.url}/api/orders/execute",
        json={**BODY, **fields},
        headers={"Idempotency-Key": key},
        timeout=10,
    )


def test_strings_are_understood_exactly(stack: Stack) -> None:
    answer = post(stack, str(uuid.uuid4()), amount="0.100000001")
    assert answer.status_code == 202
    record = requests.get(f"{stack.url}/api/orders/{answer.json()['orderId']}", timeout=10)
    assert '"amountIn":0.100000001,' in record.text
    assert record.json()["maxSlippageBps"] == 100


def test_the_same_key_never_orders_twice(stack: Stack) -> None:
    key = str(uuid.uuid4())
    first, again, other = post(stack, key), post(stack, key), post(stack, key, amount="2")
    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["orderId"] == first.json()["orderId"]
    assert other.json()["code"] == "idempotency_conflict"


def test_late_watcher_gets_all_events_first(stack: Stack) -> None:
    order_id = post(stack, str(uuid.uuid4())).json()["orderId"]
    wait_terminal(stack.url, order_id)
    address = stack.url.replace("http", "ws") + f"/ws/orders/{order_id}"
    connection = websocket.create_connection(address, timeout=30)
    first = json.loads(connection.recv())
    connection.close()
    assert (first["type"], first["orderId"], first["status"]) == (
        "backfill", order_id, "confirmed",
    )  # fmt: skip
    assert [event["status"] for event in first["logs"]] == [
        "pending", "routing", "building", "submitted", "confirmed",
    ]  # fmt: skip


def test_a_limit_order_rests_until_it_is_cancelled(stack: Stack) -> None:
    answer = post(stack, str(uuid.uuid4()), type="limit", limitPrice="1000000")
    assert (answer.json()["status"], answer.json()["type"]) == ("open", "limit")
    path = f"{stack.url}/api/orders/{answer.json()['orderId']}"
    cancelled = requests.delete(path, timeout=10)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
