"""The plain WebSocket `/ws`: orders, account, prices and candles by messages, within bounds."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import websocket

from tests.acceptance.conftest import MakeStack
from tests.acceptance.test_money import ORDER, Trader
from tests.clients import history, submit, wait_terminal
from tests.message_client import MessageClient
from tests.stack import Stack

PAIR = {"tokenIn": "SOL", "tokenOut": "USDC"}


def test_order_is_followed_from_its_history_to_its_end(make_stack: MakeStack) -> None:
    stack = make_stack(swap_latency_ms="100-300", quote_latency_ms=20)
    client = MessageClient(stack.url)
    for order_id in [submit(stack.url, clientOrderId=f"own-{n}") for n in range(5)]:
        answer = client.ask("subscribe", orderId=order_id)
        assert (answer["ok"], answer["order"]["orderId"]) == (True, order_id)
        client.received += answer["history"]
        if answer["history"][-1]["status"] != "confirmed":
            client.wait_for("status_update", orderId=order_id, status="confirmed")
        seen = [event for event in client.of("status_update") if event["orderId"] == order_id]
        assert seen == history(stack.url, order_id)
        assert {event["clientOrderId"] for event in seen} == {answer["order"]["clientOrderId"]}
    client.close()


def test_order_is_resumed_from_a_sequence(stack: Stack) -> None:
    order_id = submit(stack.url)
    wait_terminal(stack.url, order_id)
    client = MessageClient(stack.url)
    answer = client.ask("subscribe", orderId=order_id, afterSequence=3)
    assert [event["sequence"] for event in answer["history"]] == [4, 5]
    assert client.ask("unsubscribe", orderId=order_id)["ok"]
    client.close()


def test_list_feed_brings_the_events_of_orders_that_nobody_subscribed_to(stack: Stack) -> None:
    client = MessageClient(stack.url)
    assert client.ask("subscribe_orders")["ok"]
    order_id = submit(stack.url)
    client.wait_for("status_update", orderId=order_id, status="confirmed")
    events = [event for event in client.of("status_update") if event["orderId"] == order_id]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert client.ask("unsubscribe_orders")["ok"]
    client.close()


@pytest.mark.parametrize("way", ["message", "header", "address"])
def test_account_is_followed_with_its_token(stack: Stack, way: str) -> None:
    trader = Trader(stack.url)
    headers = [f"Authorization: Bearer {trader.token}"] if way == "header" else None
    query = f"?token={trader.token}" if way == "address" else ""
    client = MessageClient(stack.url, query, headers)
    if way == "message":
        assert client.ask("subscribe_account")["code"] == "unauthenticated"
        assert client.ask("authenticate", token=trader.token)["ok"]
    joined = client.ask("subscribe_account")
    assert (joined["sequence"], joined["complete"]) == (1, True)
    trader.ask("POST", "/api/orders", {**ORDER, "clientOrderId": "mine"})
    client.wait_for("status_update", status="confirmed")
    assert {event["clientOrderId"] for event in client.of("status_update")} == {"mine"}
    numbers = [event["accountSequence"] for event in client.of("status_update")]
    assert numbers == [1, 2, 3, 4, 5]
    while len(client.of("balance_update")) < 2:
        client.received.append(client.read())
    assert [update["sequence"] for update in client.of("balance_update")] == [2, 3]
    assert client.ask("unsubscribe_account")["ok"]
    trader.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 5})
    assert client.ask("subscribe_account", afterSequence=3)["history"][0]["sequence"] == 4
    client.close()


def test_new_token_ends_what_was_followed_with_the_old_one(stack: Stack) -> None:
    first, second = Trader(stack.url), Trader(stack.url)
    client = MessageClient(stack.url, f"?token={first.token}")
    client.ask("subscribe_account")
    assert client.ask("authenticate", token="not a token")["code"] == "unauthenticated"
    assert client.ask("authenticate", token=second.token)["ok"]
    second_wallet = client.ask("subscribe_account")["wallet"]
    first.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 5})
    second.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 5})
    client.wait_for("balance_update")
    assert [update["wallet"] for update in client.of("balance_update")] == [second_wallet]
    client.close()


@pytest.mark.parametrize(("orders", "copies"), [(False, 1), (True, 2)])
def test_account_brings_its_own_copy_of_an_event_that_order_and_list_bring_once(
    stack: Stack, orders: bool, copies: int
) -> None:
    trader = Trader(stack.url)
    resting = {**ORDER, "type": "limit", "limitPrice": "1000000"}
    order_id = trader.ask("POST", "/api/orders", resting).json()["orderId"]
    client = MessageClient(stack.url, f"?token={trader.token}")
    client.ask("subscribe", orderId=order_id)
    client.ask("subscribe_orders")
    client.ask("subscribe_account", orders=orders)
    trader.ask("POST", f"/api/orders/{order_id}/cancel")
    for _ in range(copies):
        client.wait_for("status_update", status="cancelled")
    client.ask("unsubscribe_orders")  # Its answer comes after all that was sent before.
    events = [event for event in client.of("status_update") if event["status"] == "cancelled"]
    assert len(events) == copies
    assert sum("accountSequence" in event for event in events) == copies - 1
    client.close()


def test_prices_and_candles_are_followed_with_amounts_as_strings(stack: Stack) -> None:
    client = MessageClient(stack.url, "?amounts=string")
    told = client.ask("subscribe_prices", pairs=[{**PAIR, "amountIn": "2"}])["prices"][0]
    assert (told["amountIn"], type(told["reference"])) == ("2", str)
    candles = client.ask("subscribe_candles", pair=PAIR, interval="1m", limit=2)["candles"]
    assert [type(candle["close"]) for candle in candles] == [str, str]
    assert isinstance(client.wait_for("price_update")["best"]["net"], str)
    assert isinstance(client.wait_for("candle_update")["candles"][-1]["close"], str)
    order_id = submit(stack.url)
    wait_terminal(stack.url, order_id)
    record = client.ask("subscribe", orderId=order_id)
    assert record["order"]["amountIn"] == "1.5"
    assert isinstance(record["history"][-1]["executedPrice"], str)
    client.close()


def test_amendment_is_told_live_with_whole_amounts_as_strings_too(stack: Stack) -> None:
    order_id = submit(stack.url, type="limit", limitPrice="100000", clientOrderId="amended-1")
    client = MessageClient(stack.url, "?amounts=string")
    client.ask("subscribe", orderId=order_id)
    terms = {"limitPrice": 200_000, "maxSlippageBps": 50}
    answer = requests.patch(f"{stack.url}/api/orders/{order_id}", json=terms, timeout=10)
    assert answer.status_code == 200, answer.text
    event = client.wait_for("status_update", sequence=2)
    assert event["clientOrderId"] == "amended-1"
    assert event["data"]["amended"] == {
        "limitPrice": {"from": "100000", "to": "200000"},
        "maxSlippageBps": {"from": 100, "to": 50},
    }
    client.close()


def test_addresses_of_one_order_give_strings_too(stack: Stack) -> None:
    order_id = submit(stack.url)
    wait_terminal(stack.url, order_id)
    address = stack.url.replace("http", "ws", 1)
    numbers = websocket.create_connection(f"{address}/ws/orders/{order_id}")
    strings = websocket.create_connection(f"{address}/ws/orders/{order_id}?amounts=string")
    assert '"executedPrice":"' not in str(numbers.recv())
    assert '"executedPrice":"' in str(strings.recv())
    for connection in (numbers, strings):
        connection.close()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not JSON", "malformed_request"),
        ("[]", "malformed_request"),
        ('{"type":"subscribe","type":"subscribe"}', "malformed_request"),
        ({"id": 1}, "malformed_request"),
        ({"type": ["subscribe"]}, "malformed_request"),
        ({"type": "connect"}, "malformed_request"),
        ({"type": "subscribe"}, "malformed_request"),
        ({"type": "subscribe", "orderId": "nothing"}, "order_not_found"),
        ({"type": "subscribe_orders", "id": "x" * 65}, "malformed_request"),
        ({"type": "subscribe_orders", "id": {}}, "malformed_request"),
        ({"type": "subscribe_prices", "pairs": [], "id": "a"}, "validation_failed"),
        ({"type": "subscribe_candles", "pair": PAIR, "interval": "2m"}, "validation_failed"),
        ({"type": "authenticate", "token": 7}, "unauthenticated"),
    ],
)
def test_impossible_request_is_an_error_and_the_connection_stays_open(
    stack: Stack, message: Any, code: str
) -> None:
    client = MessageClient(stack.url)
    client.send(message)
    answer = client.read()
    assert (answer["type"], answer["ok"], answer["code"]) == ("error", False, code)
    assert client.ask("subscribe_orders")["ok"]
    client.close()


@pytest.fixture(scope="module")
def narrow(make_lasting: MakeStack) -> Stack:
    """A web process that lets connections do little."""
    return make_lasting(
        workers=0,
        watchers=0,
        stream_orders=2,
        stream_messages_per_s=1,
        stream_message_bytes=1_024,
    )


def test_connection_stays_within_its_bounds(narrow: Stack) -> None:
    orders = [submit(narrow.url) for _ in range(3)]
    client = MessageClient(narrow.url)
    codes = [client.ask("subscribe", orderId=order_id).get("code") for order_id in orders]
    assert codes == [None, None, "too_many_subscriptions"]
    codes = [client.ask("subscribe", orderId=orders[0]).get("code") for _ in range(5)]
    assert codes == [None] * 5
    client.send({"type": "subscribe_prices", "pairs": [PAIR] * 100})
    assert client.wait_for_end() == 1009


def test_flood_ends_the_connection(narrow: Stack) -> None:
    client = MessageClient(narrow.url)
    # One by one: what is still unread when the server closes would take its last frames along.
    codes = iter(lambda: client.ask("subscribe_orders").get("code"), "rate_limited")
    assert set(codes) == {None}
    assert client.wait_for_end() == 4429


def test_connection_must_send_a_token_first_where_nobody_may_be_anonymous(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(workers=0, watchers=0, require_auth=True, stream_auth_s=1)
    trader = Trader(stack.url)
    client = MessageClient(stack.url)
    for kind in ("subscribe_orders", "subscribe_prices", "subscribe_account"):
        members = {"pairs": [PAIR]} if kind == "subscribe_prices" else {}
        assert client.ask(kind, **members)["code"] == "unauthenticated"
    assert client.ask("authenticate", token=trader.token)["ok"]
    assert client.ask("subscribe_orders")["ok"]
    assert MessageClient(stack.url).wait_for_end() == 4401
    refused = MessageClient(stack.url, "?token=nonsense")
    assert refused.wait_for_end() == 4401
    assert refused.received[0]["code"] == "unauthenticated"
    assert client.ask("subscribe_prices", pairs=[PAIR])["ok"]
    client.close()


def test_stopping_server_tells_its_clients(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0)
    client = MessageClient(stack.url)
    client.ask("subscribe_orders")
    stack.kill("web", 15)
    assert client.wait_for_end() == 1001
