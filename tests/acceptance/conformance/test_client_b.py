"""A client that labels its orders with a user id and follows the URL it is given."""

import json

import pytest
import requests
import websocket

from tests.clients import wait_terminal
from tests.stack import Stack

BODY = {"userId": "user-42", "tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 0.75}


def test_it_submits_with_upgrade_and_follows_the_websocket_url(stack: Stack) -> None:
    placed = requests.post(f"{stack.url}/api/orders/execute?upgrade=ws", json=BODY, timeout=10)
    assert placed.status_code == 202
    answer = placed.json()
    assert answer["success"] is True
    assert answer["websocketUrl"] == f"/ws/orders/{answer['orderId']}"

    address = stack.url.replace("http", "ws") + answer["websocketUrl"]
    connection = websocket.create_connection(address, timeout=30)
    first = json.loads(connection.recv())
    assert (first["type"], first["orderId"]) == ("backfill", answer["orderId"])
    connection.close()


def test_it_reads_errors_from_a_text_and_a_flag(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/orders/execute", json={**BODY, "amountIn": -1}, timeout=10
    )
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["success"] is False
    assert problem["error"] == problem["detail"]


@pytest.mark.parametrize(("token_in", "token_out"), [("ETH", "USDC"), ("USDC", "BTC")])
def test_it_trades_ether_and_bitcoin(stack: Stack, token_in: str, token_out: str) -> None:
    body = {**BODY, "tokenIn": token_in, "tokenOut": token_out, "amountIn": 1}
    placed = requests.post(f"{stack.url}/api/orders/execute", json=body, timeout=10)
    assert placed.status_code == 202
    assert wait_terminal(stack.url, placed.json()["orderId"])["status"] == "confirmed"


def test_it_polls_the_status_and_reads_the_whole_record(stack: Stack) -> None:
    placed = requests.post(f"{stack.url}/api/orders/execute", json=BODY, timeout=10).json()
    assert placed["status"] == "pending"
    wait_terminal(stack.url, placed["orderId"])

    path = f"{stack.url}/api/orders/status/{placed['orderId']}"
    status = requests.get(path, timeout=10).json()
    assert (status["orderId"], status["status"]) == (placed["orderId"], "confirmed")
    assert status["updatedAt"].endswith("Z")

    record = requests.get(f"{stack.url}/api/orders/{placed['orderId']}", timeout=10).json()
    assert record["userId"] == "user-42"
    assert (record["tokenIn"], record["tokenOut"]) == ("SOL", "USDC")
    assert record["dexUsed"] in ("raydium", "meteora")
    assert record["amountOut"] >= record["minAmountOut"] > 0
    assert record["executedPrice"] > 0
    assert record["txHash"] in record["explorerUrl"]
    assert (record["failCode"], record["failReason"]) == (None, None)
