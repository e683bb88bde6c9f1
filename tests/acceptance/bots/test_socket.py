"""JSON-RPC over WebSocket, used as clients should not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import websocket

from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.acceptance.conftest import MakeStack
from tests.stack import Stack, free_port


class RpcSocket:
    """A WebSocket connection that speaks JSON-RPC."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.create_connection(f"{url.replace('http', 'ws', 1)}/rpc", timeout=20)

    def send(self, method: str, *params: Any) -> None:
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        self.socket.send(json.dumps(call))

    def read_any(self) -> Any:
        return json.loads(self.socket.recv())

    def read(self) -> dict[str, Any]:
        return dict(self.read_any())

    def call(self, method: str, *params: Any) -> dict[str, Any]:
        self.send(method, *params)
        return self.read()


@pytest.fixture
def socket(stack: Stack) -> RpcSocket:
    """A connection to the shared service."""
    return RpcSocket(stack.url)


def test_methods_are_answered_over_the_socket_too(socket: RpcSocket) -> None:
    assert socket.call("getHealth")["result"] == "ok"
    assert socket.call("nothing")["error"]["code"] == -32601
    socket.socket.send("{")
    assert socket.read()["error"]["code"] == -32700
    call = {"jsonrpc": "2.0", "method": "getHealth"}
    socket.socket.send(json.dumps([call | {"id": 1}] * 51))
    assert socket.read()["error"]["code"] == -32600
    socket.socket.send(json.dumps(call))
    socket.socket.send(json.dumps([call, call | {"id": 7}]))
    (answer,) = socket.read_any()
    assert (answer["id"], answer["result"]) == (7, "ok"), "a call without id is not answered"


def test_account_subscription_tells_of_a_deposit(stack: Stack, socket: RpcSocket) -> None:
    wallet = BotWallet(stack.url)
    number = socket.call("accountSubscribe", wallet.address, {"encoding": "base64"})["result"]
    wallet.airdrop(2)
    told = socket.read()
    assert told["method"] == "accountNotification"
    assert told["params"]["subscription"] == number
    assert told["params"]["result"]["value"]["lamports"] == 2 * LAMPORTS
    assert socket.call("accountUnsubscribe", number)["result"] is True
    assert socket.call("accountUnsubscribe", number)["error"]["code"] == -32602


def test_signature_subscription_tells_once(stack: Stack, socket: RpcSocket) -> None:
    wallet = BotWallet(stack.url)
    signature = wallet.airdrop()
    config = {"commitment": "confirmed"}
    number = socket.call("signatureSubscribe", signature, config)["result"]
    told = socket.read()
    assert told["params"] == {
        "result": {"context": told["params"]["result"]["context"], "value": {"err": None}},
        "subscription": number,
    }
    assert socket.call("signatureUnsubscribe", number)["error"]["code"] == -32602


def test_bad_subscriptions_are_refused(socket: RpcSocket) -> None:
    for method, params in (
        ("accountSubscribe", ["x"]),
        ("signatureSubscribe", []),
        ("signatureSubscribe", ["1" * 64, {"commitment": "soon"}]),
        ("accountSubscribe", ["1" * 32, {"encoding": 5}]),
    ):
        assert socket.call(method, *params)["error"]["code"] == -32602


def test_subscriptions_are_bounded(make_stack: MakeStack) -> None:
    stack = make_stack(rpc_max_subscriptions=3)
    socket = RpcSocket(stack.url)
    addresses = [BotWallet(stack.url).address for _ in range(4)]
    answers = [socket.call("accountSubscribe", address) for address in addresses]
    assert ["result" in answer for answer in answers] == [True, True, True, False]
    assert answers[-1]["error"]["code"] == -32602


def test_flood_ends_the_connection_and_nothing_else(stack: Stack) -> None:
    flooding, other = RpcSocket(stack.url), RpcSocket(stack.url)

    def flood() -> None:
        for _ in range(200_000):
            flooding.send("getBalance", "1" * 32)

    with pytest.raises((websocket.WebSocketException, OSError)) as ended:
        flood()
    assert not isinstance(ended.value, websocket.WebSocketTimeoutException), "it is told at once"
    assert other.call("getHealth")["result"] == "ok"


def test_calls_over_the_socket_are_limited_like_requests(make_stack: MakeStack) -> None:
    stack = make_stack(rate_limit="100/day", rpc_rate_limit="5/day")
    socket = RpcSocket(stack.url)
    answers = [socket.call("getHealth") for _ in range(7)]
    assert [each.get("result") for each in answers[:4]] == ["ok"] * 4
    assert {each["error"]["code"] for each in answers[5:]} == {429}
    assert {each["id"] for each in answers} == {1}


def test_next_port_serves_the_socket_and_may_be_taken(make_stack: MakeStack) -> None:
    stack = make_stack(port=free_port(neighbours=(-1, 1)))
    beside = stack.url.replace(str(stack.settings.port), str(stack.settings.port + 1))
    assert RpcSocket(beside).call("getHealth")["result"] == "ok"
    stack.start_web("second", port=stack.settings.port - 1)
    assert "port_beside_taken" in stack.logs()
