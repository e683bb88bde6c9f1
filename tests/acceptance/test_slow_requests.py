"""Clients that send a request for ever, a byte at a time."""

from __future__ import annotations

import select
import time
from itertools import cycle, islice

import websocket

from tests.acceptance.conftest import MakeStack
from tests.acceptance.test_http_framing import CHUNKED, POST
from tests.clients import submit
from tests.http_client import connect

LIMIT_S = 0.5
MOST_BYTES = 600
DRIP_S = 0.05

SLOW = {
    "request line": (b"GET /", b"a"),
    "headers": (b"GET /health HTTP/1.1\r\nHost: localhost\r\n", b"X-A: a\r\n"),
    "announced body": (POST + b"Content-Length: 60000\r\n\r\n", b" "),
    "chunk size": (CHUNKED, b"0"),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "body that nobody reads": (
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
        b" ",
    ),
}


def drip(url: str, begin: bytes, again: bytes) -> bytes:
    """Sends a little again and again until the server ends it; returns what it answered."""
    received = b""
    with connect(url) as client:
        client.sendall(begin)
        for byte in islice(cycle(again), MOST_BYTES):
            if select.select([client], [], [], DRIP_S)[0]:
                part = client.recv(65_536)
                received += part
                if not part:
                    return received
            else:
                client.sendall(bytes([byte]))
    raise AssertionError("the connection was not closed")


def test_request_that_drips_in_is_answered_408_and_its_connection_closed(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(workers=0, watchers=0, request_timeout_s=LIMIT_S)
    for name, (begin, again) in SLOW.items():
        answer = drip(stack.url, begin, again)
        if name == "body that nobody reads":
            assert answer.startswith(b"HTTP/1.1 200"), name
        else:
            assert answer.startswith(b"HTTP/1.1 408"), (name, answer[:200])
            assert b'"request_timeout"' in answer, name


def test_connections_may_be_idle_and_streams_silent_for_longer(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0, request_timeout_s=LIMIT_S)
    watched = websocket.create_connection(
        f"{stack.url.replace('http', 'ws', 1)}/ws/orders/{submit(stack.url)}", timeout=20
    )
    watched.recv()
    with connect(stack.url) as client:
        for _ in range(2):
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")
            time.sleep(2 * LIMIT_S)
    watched.ping()
    assert watched.connected
    watched.close()
