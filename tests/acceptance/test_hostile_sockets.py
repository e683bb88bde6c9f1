"""Handshakes and packets that no honest client sends, against a real web process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import requests
import websocket

from tests.acceptance.conftest import MakeStack
from tests.clients import submit, wait_until
from tests.http_client import ask
from tests.stack import Stack

ADDRESSES = (
    "/ws",
    "/ws/orders/x",
    "/api/orders/x/ws",
    "/api/orders/execute?orderId=x",
    "/api/ws/orders?orderId=x",
    "/socket.io/?EIO=4&transport=websocket",
)

GOOD = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
BAD: dict[str, tuple[dict[str, str | None], int]] = {
    "no key": ({"Sec-WebSocket-Key": None}, 400),
    "key not of 16 bytes": ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
    "key not in base64": ({"Sec-WebSocket-Key": "!"}, 400),
    "no version": ({"Sec-WebSocket-Version": None}, 426),
    "version 8": ({"Sec-WebSocket-Version": "8"}, 426),
    "version 99": ({"Sec-WebSocket-Version": "99"}, 426),
    "version twice": ({"Sec-WebSocket-Version": "13\r\nSec-WebSocket-Version: 13"}, 426),
    "protocol with byte 0xFF": ({"Sec-WebSocket-Protocol": "\xff"}, 400),
    "empty protocol": ({"Sec-WebSocket-Protocol": ""}, 400),
    "upgrade to something else": ({"Upgrade": "websockets"}, 426),
    "upgrade to HTTP/2": ({"Upgrade": "h2c"}, 426),
    "no upgrade": ({"Upgrade": None}, 426),
    "no connection": ({"Connection": None}, 426),
    "body": ({"Content-Length": "0\r\nTransfer-Encoding: chunked"}, 400),
    "old draft": (
        {"Sec-WebSocket-Version": None, "Sec-WebSocket-Key": None, "Sec-WebSocket-Key1": "1 2"},
        426,
    ),
}
"""How each differs from a good handshake, and the status of the refusal."""


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> Iterator[Stack]:
    """The shared service, whose web process must not have logged a traceback by the end."""
    log = stack.log_dir / "web.log"
    before = len(log.read_bytes())
    yield stack
    written = log.read_bytes()[before:].decode()
    assert "Traceback" not in written
    assert [line for line in written.splitlines() if not line.startswith("{")] == []


def handshake(address: str, changes: dict[str, str | None]) -> bytes:
    headers = {"Host": "localhost", **GOOD, **changes}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join((f"GET {address} HTTP/1.1", *lines, "", "")).encode("latin-1")


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("address", ADDRESSES)
def test_bad_handshake_is_a_problem(quiet: Stack, address: str, name: str) -> None:
    changes, status = BAD[name]
    answer = ask(quiet.url, handshake(address, changes), whole=False)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["status"] == status
    if status == 426:
        assert b"\r\nUpgrade: websocket" in head
        assert b"\r\nSec-WebSocket-Version: 13" in head


@pytest.mark.parametrize("address", ADDRESSES)
def test_good_handshake_is_accepted(quiet: Stack, address: str) -> None:
    protocols: dict[str, str | None] = {"Sec-WebSocket-Protocol": "chat, super.chat"}
    answer = ask(quiet.url, handshake(address, protocols), whole=False)
    assert answer.startswith(b"HTTP/1.1 101 ")


def sockets(stack: Stack) -> float:
    """Socket.IO connections, as counted by the web process."""
    name = 'orders_stream_sockets{transport="socketio"} '
    text = requests.get(f"{stack.url}/metrics", timeout=10).text
    return float(text.partition(name)[2].split("\n")[0])


def send(client: websocket.WebSocket, packet: str | bytes) -> None:
    """Sends a packet unchanged."""
    if isinstance(packet, str):
        client.send(packet)
    else:
        client.send_binary(packet)


def connect(stack: Stack) -> websocket.WebSocket:
    """A Socket.IO connection by hand, in the default namespace."""
    address = stack.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    client = websocket.create_connection(address, timeout=10)
    client.recv()
    client.send("40")
    assert str(client.recv()).startswith("40")
    return client


CONNECTS = (
    "40",
    '40{"token":"x"}',
    '42["connect"]',
    '42["connect",{}]',
    '42["connect",{},null]',
    '42["connect",null]',
    '42["disconnect"]',
    '42["disconnect","client disconnect"]',
)


@pytest.mark.parametrize("packet", CONNECTS)
def test_client_that_connects_again_and_again_is_counted_once(quiet: Stack, packet: str) -> None:
    before = sockets(quiet)
    client = connect(quiet)
    for _ in range(100):
        client.send(packet)
    assert call(client, "subscribe_orders") == {"ok": True}
    assert sockets(quiet) == before + 1
    client.close()
    wait_until(lambda: sockets(quiet) == before, "the end of the connection")


MALFORMED = (
    "4",
    "4x",
    "49",
    "42",
    "42{",
    "42[",
    "42[]",
    "42[{}]",
    "42[[]]",
    "42[1]",
    "42[null]",
    '42["subscribe"]',
    '42["subscribe",1,2,3]',
    '42["nothing"]',
    '43["x"]',
    '431["x"]',
    '44"x"',
    '45-["a"]',
    '45999-["a"]',
    "46-[]",
    "42" + "2" * 5000 + '["a"]',
    '42["subscribe",' + "[" * 3000 + "]" * 3000 + "]",
    "2probe",
    "5",
    "9",
    "",
    "x",
    b"\x00\x01",
)


@pytest.mark.parametrize("packet", MALFORMED, ids=lambda packet: repr(packet)[:20])
def test_malformed_packet_is_one_line_at_most(quiet: Stack, packet: str | bytes) -> None:
    log = quiet.log_dir / "web.log"
    before = len(log.read_bytes())
    with closing(connect(quiet)) as client, suppress(websocket.WebSocketException, OSError):
        send(client, packet)
        # Even if this connection ends, the process has read the packet by then.
        client.send('421["subscribe_orders"]')
        client.settimeout(0.5)
        client.recv()
    written = [json.loads(line) for line in log.read_bytes()[before:].decode().splitlines()]
    lines = [line for line in written if line["event"] != "request_answered"]
    assert len(lines) <= 1, lines
    assert not any("exception" in line for line in lines)


@pytest.mark.parametrize("packet", ["", "x", "4x", b"\x00"])
def test_session_of_a_malformed_packet_ends_with_its_connection(
    quiet: Stack, packet: str | bytes
) -> None:
    before = sockets(quiet)
    client = connect(quiet)
    send(client, packet)
    client.shutdown()
    wait_until(lambda: sockets(quiet) == before, "the end of the session", patience_s=5)


def call(client: websocket.WebSocket, *event: Any) -> Any:
    """Sends an event; returns its acknowledgement."""
    client.send("427" + json.dumps(event))
    while not (packet := str(client.recv())).startswith("437"):
        assert packet
    return json.loads(packet[3:])[0]


@pytest.mark.parametrize(
    ("request_data", "message"),
    [
        (("an order",), 'Send an object, such as {"orderId": "..."}.'),
        ((), 'Send an object, such as {"orderId": "..."}.'),
        (({"orderId": 1},), "orderId must be a text: the order's id."),
        (({"orderId": "x", "afterSequence": "1"},), "afterSequence must be a whole number"),
        (({"orderId": "x", "afterSequence": -1},), "afterSequence must be a whole number"),
        (({"orderId": "x", "afterSequence": True},), "afterSequence must be a whole number"),
        (({}, {}), "subscribe takes one object, not 2 values."),
    ],
)
def test_unreadable_subscription_is_told_what_is_wrong(
    quiet: Stack, request_data: tuple[Any, ...], message: str
) -> None:
    with closing(connect(quiet)) as client:
        answer = call(client, "subscribe", *request_data)
        assert (answer["ok"], answer["code"]) == (False, "malformed_request")
        assert answer["message"].startswith(message)
        assert call(client, "subscribe", {"orderId": submit(quiet.url)})["ok"]


def test_unknown_event_is_answered_with_the_known_ones(quiet: Stack) -> None:
    with closing(connect(quiet)) as client:
        answer = call(client, "subscribes")
        assert answer["code"] == "malformed_request"
        assert "subscribe, unsubscribe, subscribe_orders" in answer["message"]


def test_session_ids_are_not_logged(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0)
    for transport in ("polling", "websocket", "s3cr3t"):
        query = {"EIO": "4", "transport": transport, "sid": "s3cr3t"}
        requests.get(f"{stack.url}/socket.io/", params=query, timeout=10)
    requests.post(f"{stack.url}/socket.io/?EIO=4&transport=polling", data="s3cr3t", timeout=10)
    assert "s3cr3t" not in (stack.log_dir / "web.log").read_text()
