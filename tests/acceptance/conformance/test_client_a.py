"""A client that posts side and basis points, and follows at the address it posted to."""

import json

import requests
import websocket

from tests.acceptance.conftest import MakeStack
from tests.stack import Stack

BODY = {
    "side": "buy",
    "tokenIn": "USDC",
    "tokenOut": "SOL",
    "amountIn": 25,
    "maxSlippageBps": 50,
}


def test_it_submits_and_follows_to_the_end(stack: Stack) -> None:
    placed = requests.post(f"{stack.url}/api/orders/execute", json=BODY, timeout=10)
    assert placed.status_code == 202
    order_id = placed.json()["orderId"]

    address = stack.url.replace("http", "ws") + f"/api/orders/execute?orderId={order_id}"
    connection = websocket.create_connection(address, timeout=30)
    statuses: list[str] = []
    while "confirmed" not in statuses:
        message = json.loads(connection.recv())
        events = message["logs"] if message["type"] == "backfill" else [message]
        statuses += [event["status"] for event in events]
        last = events[-1] if events else {}
    connection.close()

    assert statuses == ["pending", "routing", "building", "submitted", "confirmed"]
    assert last["txHash"]
    assert last["executedPrice"] > 0
    assert last["dex"] in ("raydium", "meteora")

    record = requests.get(f"{stack.url}/api/orders/{order_id}", timeout=10).json()
    assert record["side"] == "buy"
    assert record["amountIn"] == 25
    assert record["maxSlippageBps"] == 50
    assert record["txHash"] == last["txHash"]


def test_the_status_it_expects_can_be_set(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0, accepted_status=200)
    assert (
        requests.post(f"{stack.url}/api/orders/execute", json=BODY, timeout=10).status_code == 200
    )


def test_a_bad_side_is_refused(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/orders/execute", json={**BODY, "side": "long"}, timeout=10
    )
    assert answer.status_code == 400
    assert "side" in answer.json()["errors"]
