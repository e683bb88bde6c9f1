"""The AsyncAPI document against real connections: their messages fit its schemas."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import requests

from tests.acceptance.conftest import MakeStack
from tests.acceptance.test_account_stream import PlainSocket, confirmed
from tests.acceptance.test_money import Trader
from tests.clients import SocketIoClient, history, read_websocket, submit, wait_terminal, wait_until
from tests.message_client import MessageClient
from tests.stack import Stack

ROCKET = "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA"


@pytest.fixture
def document(stack: Stack) -> dict[str, Any]:
    """The document as it is served."""
    answer = requests.get(f"{stack.url}/asyncapi.json", timeout=10)
    assert answer.status_code == 200
    return dict(answer.json())


def validator(document: dict[str, Any], name: str) -> Any:
    assert name in document["components"]["schemas"]
    return jsonschema_rs.validator_for({**document, "$ref": f"#/components/schemas/{name}"})


def plain(value: Any) -> Any:
    """Decimals as numbers, as they are on the wire."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (str, int, type(None))) else float(value)


def test_events_of_every_status_fit(make_stack: MakeStack, document: dict[str, Any]) -> None:
    check = validator(document, "event")
    stack = make_stack(
        slippage_failure_rate=1.0, max_retries=1, resting_ttl_s=600, watch_interval_s=0.05
    )
    failing = submit(stack.url)
    resting = submit(stack.url, type="limit", limitPrice="1000000")
    stop = submit(stack.url, type="stop", stopPrice="1000000")
    sniper = submit(stack.url, type="sniper", tokenOut=ROCKET)
    requests.delete(f"{stack.url}/api/orders/{resting}", timeout=10)
    for order_id in (failing, resting, stop):
        wait_terminal(stack.url, order_id)
    events = [e for o in (failing, resting, stop, sniper) for e in history(stack.url, o)]
    assert {event["status"] for event in events} >= {
        "open", "pending", "routing", "building", "submitted", "failed", "cancelled",
    }  # fmt: skip
    for event in events:
        check.validate(plain(event))


def test_messages_of_a_websocket_fit(stack: Stack, document: dict[str, Any]) -> None:
    events, code = read_websocket(stack.url, f"/ws/orders/{submit(stack.url)}")
    assert code == 1000
    assert events[-1]["status"] == "confirmed"
    for event in events:
        validator(document, "event").validate(plain(event))
    refusal, _ = read_websocket(stack.url, "/ws/orders/nothing")
    validator(document, "refusal").validate(plain(refusal[0]))


def test_acknowledgements_of_socket_io_fit(stack: Stack, document: dict[str, Any]) -> None:
    client = SocketIoClient(stack.url)
    order_id = submit(stack.url)
    check = validator(document, "subscribed")
    check.validate(plain(client.subscribe(order_id)))
    check.validate(plain(client.call("subscribe", {"orderId": "nothing"})))
    acknowledged = validator(document, "acknowledged")
    acknowledged.validate(client.call("subscribe_orders"))
    acknowledged.validate(client.call("unsubscribe", {"orderId": order_id}))
    client.close()


def test_messages_about_an_account_fit(stack: Stack, document: dict[str, Any]) -> None:
    trader = Trader(stack.url)
    client, joined = trader.follow()
    check = validator(document, "account_subscribed")
    check.validate(plain(joined))
    trader.ask("POST", "/api/account/faucet", {"token": "SOL", "amount": "1.5"})
    wait_until(lambda: trader.updates, "a change of money")
    validator(document, "balance_update").validate(plain(trader.updates[0]))
    check.validate(plain(client.call("subscribe_account", {"afterSequence": 1}, timeout=10)))
    check.validate(plain(client.call("subscribe_account", {"orders": False}, timeout=10)))
    client.disconnect()


def test_messages_of_an_accounts_websocket_fit(stack: Stack, document: dict[str, Any]) -> None:
    trader = Trader(stack.url)
    follower = PlainSocket(trader)
    validator(document, "account").validate(plain(follower.answer))
    trader.ask("POST", "/api/orders", {"tokenIn": "SOL", "tokenOut": "USDC", "amount": 1})
    wait_until(lambda: confirmed(follower.orders) == 1, "a confirmed order")
    follower.close()
    for event in follower.orders:
        validator(document, "event").validate(plain(event))
    for change in follower.money:
        validator(document, "balance_update").validate(plain(change))


def test_messages_about_the_market_fit(stack: Stack, document: dict[str, Any]) -> None:
    client = MessageClient(stack.url)
    pair = {"tokenIn": "SOL", "tokenOut": "USDC"}
    requests_: list[dict[str, Any]] = [
        {"type": "subscribe_prices", "pairs": [pair, {**pair, "amountIn": "2.5"}]},
        {"type": "subscribe_candles", "pair": pair, "interval": "1m"},
        {"type": "subscribe", "orderId": submit(stack.url)},
        {"type": "subscribe_orders"},
        {"type": "unsubscribe_prices"},
        {"type": "unsubscribe_candles", "pair": pair, "interval": "1m"},
    ]
    for request in requests_:
        validator(document, "ws_request").validate(request)
        answer = client.ask(request.pop("type"), **request)
        validator(document, "ws_acknowledgement").validate(plain(answer))
        if "prices" in answer:
            check = validator(document, "prices_subscribed")
            check.validate(plain({"ok": True, "prices": answer["prices"]}))
            for kind in ("price_update", "price_update"):
                validator(document, kind).validate(plain(client.wait_for(kind)))
        if "candles" in answer:
            update = plain(client.wait_for("candle_update"))
            validator(document, "candle_update").validate(update)
    refusal = client.ask("subscribe_prices", pairs=[])
    validator(document, "ws_error").validate(plain(refusal))
    client.close()


def test_message_that_does_not_fit_is_found(document: dict[str, Any]) -> None:
    event = {"type": "status_update", "orderId": "x", "sequence": 0, "status": "done", "data": {}}
    assert not validator(document, "event").is_valid(event)


def test_every_websocket_address_is_described(document: dict[str, Any]) -> None:
    assert {channel["address"] for channel in document["channels"].values()} == {
        "/ws/orders/{orderId}",
        "/api/orders/{orderId}/ws",
        "/api/orders/execute",
        "/api/ws/orders",
        "/ws/account",
        "/ws",
        "/",
    }
