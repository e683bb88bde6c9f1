"""A client that reads histories, lists and queue figures, and expects the server to close the
stream.
"""

import json

import requests
import websocket

from tests.clients import wait_terminal
from tests.stack import Stack

BODY = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "0.5"}


def submit(stack: Stack) -> str:
    answer = requests.post(f"{stack.url}/api/orders/execute", json=BODY, timeout=10)
    assert answer.status_code == 202
    return str(answer.json()["orderId"])


def test_its_websocket_is_closed_after_the_last_event(stack: Stack) -> None:
    order_id = submit(stack)
    address = stack.url.replace("http", "ws") + f"/api/orders/{order_id}/ws"
    connection = websocket.create_connection(address, timeout=30)
    last = {}
    while True:
        opcode, payload = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        last = json.loads(payload)
    assert int.from_bytes(payload[:2], "big") == 1000
    events = last["logs"] if last["type"] == "backfill" else [last]
    assert events[-1]["status"] == "confirmed"


def test_the_history_is_complete_and_in_order(stack: Stack) -> None:
    order_id = submit(stack)
    wait_terminal(stack.url, order_id)
    answer = requests.get(f"{stack.url}/api/orders/{order_id}/history", timeout=10).json()
    assert (answer["orderId"], answer["status"]) == (order_id, "confirmed")
    assert [event["sequence"] for event in answer["history"]] == [1, 2, 3, 4, 5]
    building = answer["history"][2]["data"]
    assert {quote["dex"] for quote in building["quotes"]} == {"raydium", "meteora"}
    best = max(building["quotes"], key=lambda quote: quote["amountOut"])
    assert building["chosenDex"] == best["dex"]


def test_the_routing_decision_is_in_the_live_update(stack: Stack) -> None:
    order_id = submit(stack)
    wait_terminal(stack.url, order_id)
    answer = requests.get(f"{stack.url}/api/orders/{order_id}/history", timeout=10).json()
    building = answer["history"][2]
    routing = building["routing"]
    assert routing == building["data"]["routing"]
    quotes = {quote["dex"]: quote for quote in building["data"]["quotes"]}
    assert set(routing) == {*quotes, "selected"}
    assert routing["selected"] == building["data"]["chosenDex"]
    for dex, quote in quotes.items():
        assert routing[dex] == {
            "outputAmount": quote["amountOut"],
            "fee": quote["feeBps"] / 10_000,
            "price": quote["price"],
            "priceImpact": quote["priceImpact"],
        }


def test_the_list_shows_the_order_page_by_page(stack: Stack) -> None:
    ids = [submit(stack) for _ in range(3)]
    seen: list[str] = []
    cursor = None
    while not set(ids) <= set(seen):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = requests.get(f"{stack.url}/api/orders", params=query, timeout=10).json()
        assert len(page["orders"]) <= 2
        seen += [order["orderId"] for order in page["orders"]]
        cursor = page["nextCursor"]
    assert len(seen) == len(set(seen))


def test_the_queue_figures_are_numbers(stack: Stack) -> None:
    wait_terminal(stack.url, submit(stack))
    figures = requests.get(f"{stack.url}/api/queue/metrics", timeout=10).json()
    for name in ("waiting", "active", "delayed", "completed", "failed", "workers"):
        assert isinstance(figures[name], int), name
    assert figures["completed"] >= 1
    assert figures["workers"] >= 1
    assert figures["oldestWaitingSeconds"] >= 0
