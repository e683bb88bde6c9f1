"""Following an account: its money and its orders, each numbered without a gap, come what may."""

from __future__ import annotations

import threading
from typing import Any, Protocol
from urllib.parse import urlencode

import pytest
import requests
import socketio
import websocket
from redis import Redis

from orders.domain import exact_json
from tests.acceptance.conftest import MakeStack, Servers
from tests.acceptance.test_money import Trader
from tests.clients import PATIENCE_S, wait_until
from tests.stack import Stack

ORDER = {"tokenIn": "SOL", "tokenOut": "USDC", "amount": 1}


class Follower(Protocol):
    """What a client of either transport has received, in order."""

    answer: dict[str, Any]
    money: list[dict[str, Any]]
    orders: list[dict[str, Any]]

    def close(self) -> None:
        """Ends the connection."""


class SocketIo:
    """Follows over Socket.IO."""

    def __init__(self, trader: Trader, **after: int) -> None:
        self.money: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self._client = socketio.Client(json=exact_json, reconnection=False)
        self._client.on("balance_update", self.money.append)
        self._client.on("order_update", self.orders.append)
        self._client.connect(trader.url, auth={"token": trader.token})
        self.answer = self._client.call("subscribe_account", after, timeout=PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()


class PlainSocket:
    """Follows over a plain WebSocket."""

    def __init__(self, trader: Trader, **after: int) -> None:
        self.money: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        query = urlencode({"token": trader.token, **after})
        self._connection = websocket.create_connection(
            f"{trader.url.replace('http', 'ws', 1)}/ws/account?{query}", timeout=PATIENCE_S
        )
        self.answer = exact_json.loads(self._connection.recv())
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def close(self) -> None:
        self._connection.close()
        self._reading.join()

    def _read(self) -> None:
        try:
            while text := self._connection.recv():
                message = exact_json.loads(text)
                (self.money if message["type"] == "balance_update" else self.orders).append(message)
        except (websocket.WebSocketException, OSError):
            return


Transport = type[SocketIo] | type[PlainSocket]
TRANSPORTS = pytest.mark.parametrize("transport", [SocketIo, PlainSocket])


def place(trader: Trader) -> str:
    answer = trader.ask("POST", "/api/orders", ORDER)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["orderId"])


def confirmed(events: list[dict[str, Any]]) -> int:
    return sum(event["status"] == "confirmed" for event in events)


def assert_whole(orders: list[dict[str, Any]], placed: list[str]) -> None:
    """Every event of every order once, an order's in order, and the account's number counts on."""
    assert [each["accountSequence"] for each in orders] == list(range(1, len(orders) + 1))
    for order_id in placed:
        steps = [each["sequence"] for each in orders if each["orderId"] == order_id]
        assert steps == list(range(1, len(steps) + 1))


@TRANSPORTS
def test_events_missed_while_processes_die_and_redis_is_flushed_are_sent_on_return(
    make_frail: MakeStack, servers: Servers, transport: Transport
) -> None:
    stack = make_frail(swap_latency_ms="50", stream_repair_s=0.3)
    trader = Trader(stack.url)
    first = transport(trader)
    assert first.answer["orders"] == {"accountSequence": 0, "history": [], "complete": True}
    placed = [place(trader) for _ in range(3)]
    wait_until(lambda: confirmed(first.orders) == 3, "three confirmed orders")
    first.close()
    assert_whole(first.orders, placed)
    assert [each["sequence"] for each in first.money] == list(range(2, len(first.money) + 2))

    placed += [place(trader) for _ in range(3)]
    stack.kill("web")
    stack.kill("worker0")
    with Redis.from_url(servers.valkey.url) as redis:
        redis.flushall()
    stack.start_worker()
    stack.start_web()
    placed.append(place(trader))
    second = transport(
        trader,
        afterSequence=first.money[-1]["sequence"],
        afterAccountSequence=first.orders[-1]["accountSequence"],
    )
    assert second.answer["orders"]["complete"]
    orders = [*first.orders, *second.answer["orders"]["history"]]
    wait_until(lambda: confirmed([*orders, *second.orders]) == 7, "seven confirmed orders")
    second.close()
    assert_whole([*orders, *second.orders], placed)
    money = [*first.money, *second.answer["history"], *second.money]
    assert [each["sequence"] for each in money] == list(range(2, len(money) + 2))


def test_order_events_come_without_redis(make_frail: MakeStack, servers: Servers) -> None:
    stack = make_frail(stream_repair_s=0.2)
    trader = Trader(stack.url)
    follower = SocketIo(trader)
    servers.valkey.stop()
    order_id = place(trader)
    wait_until(lambda: follower.orders, "the order's first event")
    servers.valkey.start()
    wait_until(lambda: confirmed(follower.orders) == 1, "its confirmation")
    assert_whole(follower.orders, [order_id])
    follower.close()


def test_resuming_after_a_number_never_given_out_is_answered_as_incomplete(stack: Stack) -> None:
    trader = Trader(stack.url)
    SocketIo(trader).close()
    follower = SocketIo(trader, afterAccountSequence=7)
    assert follower.answer["orders"] == {"accountSequence": 0, "history": [], "complete": False}
    follower.close()


def test_connection_that_wants_no_orders_gets_only_money(stack: Stack) -> None:
    trader = Trader(stack.url)
    follower = SocketIo(trader, orders=False)
    assert "orders" not in follower.answer
    place(trader)
    wait_until(lambda: len(follower.money) == 2, "hold and swap")
    assert follower.orders == []
    follower.close()


def test_plain_socket_of_an_account_needs_a_token(stack: Stack) -> None:
    connection = websocket.create_connection(
        f"{stack.url.replace('http', 'ws', 1)}/ws/account", timeout=PATIENCE_S
    )
    assert exact_json.loads(connection.recv())["code"] == "unauthenticated"
    opcode, payload = connection.recv_data()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 4401)
    connection.close()
    assert requests.get(f"{stack.url}/health", timeout=10).ok
