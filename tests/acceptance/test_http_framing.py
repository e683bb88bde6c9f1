"""Requests that might be read as two, against the web process alone and behind nginx."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from tests.acceptance.conftest import MakeStack
from tests.http_client import ask, connect
from tests.nginx import find_nginx, name_server, run_nginx
from tests.stack import Stack, free_port

MIB = 1024 * 1024
ENDLESS_BYTES = 600 * MIB
MOST_GROWTH_BYTES = 20 * MIB

POST = b"POST /api/orders/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HIDDEN = b"GET /api/tokens HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

ENDLESS = {
    "request line": (b"GET /", b"a"),
    "header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"a"),
    "headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-A: a\r\n"),
    "chunk size": (CHUNKED, b"0"),
    "chunk extension": (CHUNKED + b"1;", b"a"),
    "chunk extensions": (CHUNKED, b"1;a=" + b"b" * 500 + b"\r\na\r\n"),
    "trailer": (CHUNKED + b"0\r\nX-A: ", b"a"),
    "trailers": (CHUNKED + b"0\r\n", b"X-A: a\r\n"),
    "chunks": (CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n"),
}
"""Beginnings of requests that never end."""


@pytest.mark.parametrize("part", ENDLESS)
def test_request_without_end_takes_no_memory(stack: Stack, part: str) -> None:
    begin, again = ENDLESS[part]
    process = psutil.Process(stack.processes["web"].pid)
    before = process.memory_info().rss
    most = 0
    with connect(stack.url) as client, suppress(ConnectionError):
        client.sendall(begin)
        block = again * (MIB // len(again))
        for _ in range(ENDLESS_BYTES // len(block)):
            client.sendall(block)
            most = max(most, process.memory_info().rss)
        pytest.fail("the connection was not closed")
    assert max(most, process.memory_info().rss) - before < MOST_GROWTH_BYTES
    assert requests.get(f"{stack.url}/health", timeout=10).ok


def test_malformed_chunks_of_an_order_are_a_problem(stack: Stack) -> None:
    answer = ask(stack.url, CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN)
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (400, "malformed_request")
    assert b"\r\nConnection: close" in head


def test_tokens_of_malformed_requests_are_not_logged(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0, log_level="DEBUG")
    secret = "s3cr3t-t0ken"
    target = f"/ws/orders/x?token={secret}"
    for stream in (
        f"GET {target} HTTP/9.9\r\nHost: localhost\r\n\r\n",
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\n" + "X-A: b\r\n" * 200 + "\r\n",
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer {secret}\r\n\r\n",
        f"GET {target}{'a' * 10_000} HTTP/1.1\r\n\r\n",
        f"{secret} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ):
        answer = ask(stack.url, stream.encode() + LAST).lower()
        assert answer.startswith(b"http/1.1 4")
        for revealed in (b"server:", b"python", b"eventlet", secret.encode()):
            assert revealed not in answer
    written = (stack.log_dir / "web.log").read_text().splitlines()
    lines = list(itertools.dropwhile(lambda line: "process_started" not in line, written))
    assert sum("request_refused" in line for line in lines) == 5
    assert [line for line in lines if secret in line or not line.startswith("{")] == []


def test_kept_connection_carries_every_kind_of_body(stack: Stack) -> None:
    order = b'{"tokenIn":"SOL","tokenOut":"USDC","amountIn":"1.5"}'
    announced = POST + b"Content-Length: %d\r\n\r\n%b" % (len(order), order)
    chunked = CHUNKED + b"%x;a=b\r\n%b\r\n0\r\nX-A: b\r\n\r\n" % (len(order), order)
    answers = ask(stack.url, announced + chunked + announced + LAST)
    assert answers.count(b"HTTP/1.1 202 ") == 3
    assert answers.count(b"HTTP/1.1 200 ") == 1


def test_client_that_expects_100_gets_it_before_it_sends(stack: Stack) -> None:
    order = b'{"tokenIn":"SOL","tokenOut":"USDC","amountIn":"1.5"}'
    with connect(stack.url) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(order))
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(order)
        assert client.recv(4096).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("path", ["/", "/health", "/socket.io/?EIO=4&transport=polling"])
def test_page_of_a_rebound_name_gets_nothing(stack: Stack, path: str) -> None:
    own = requests.get(stack.url + path, timeout=10)
    foreign = requests.get(stack.url + path, headers={"Host": "evil.example"}, timeout=10)
    assert (own.status_code, foreign.status_code) == (200, 421)
    assert foreign.json()["code"] == "misdirected_request"


SMUGGLED = {
    "in a body": POST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "in a body whose second length is 0": POST
    + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(HIDDEN)
    + HIDDEN,
    "length before chunks": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "length after chunks": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n" % (5 + len(HIDDEN))
    + HIDDEN,
    "unknown coding": POST
    + b"Content-Length: %d\r\nTransfer-Encoding: xchunked\r\n\r\n" % len(HIDDEN)
    + HIDDEN,
    "two codings": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "blank before the colon": POST
    + b"Content-Length: %d\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" % (5 + len(HIDDEN))
    + HIDDEN,
    "underscore": POST
    + b"Content-Length: %d\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(HIDDEN))
    + HIDDEN,
    "folded coding": POST
    + b"Content-Length: %d\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" % (5 + len(HIDDEN))
    + HIDDEN,
    "old version": POST.replace(b"1.1", b"1.0")
    + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunk size with a prefix": CHUNKED + b"0x0\r\n\r\n" + HIDDEN,
    "chunk longer than its size": CHUNKED + b"1\r\naa\r\n0\r\n\r\n" + HIDDEN,
    "bare line feed after a size": CHUNKED + b"0\n\r\n" + HIDDEN,
    "carriage return in a header": POST + b"X-A: a\r\rContent-Length: 0\r\n\r\n" + HIDDEN,
    "in a chunk": CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN),
    "in an extension": CHUNKED + b'2;a="\r\n\r\n' + HIDDEN,
    "in a WebSocket's body": b"GET /ws/orders/x HTTP/1.1\r\nHost: localhost\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\n"
    b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
}
"""Requests that could be taken for two, the second of which asks for the tokens."""


@pytest.mark.skipif(find_nginx() is None, reason="no nginx: neither the wheel nor one on PATH")
def test_nothing_is_smuggled_past_nginx(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack(workers=0, watchers=0, trusted_proxies=1)
    port = stack.settings.port
    with (
        name_server(lambda: ["127.0.0.1"]) as dns_port,
        run_nginx(tmp_path, free_port(), port, dns_port) as url,
    ):
        for name, stream in SMUGGLED.items():
            asked = tokens_asked(stack)
            answers = ask(url, stream, patience_s=0.5)
            assert answers.startswith(b"HTTP/1.1 "), name
            assert b"wSOL" not in answers, name
            # A reused connection to the web process must not hold the hidden request's answer.
            for _ in range(5):
                assert requests.get(f"{url}/health", timeout=10).json() == {"status": "ok"}, name
            assert tokens_asked(stack) == asked, name


@pytest.mark.parametrize("name", SMUGGLED)
def test_nothing_is_smuggled_at_the_bare_port(stack: Stack, name: str) -> None:
    asked = tokens_asked(stack)
    ask(stack.url, SMUGGLED[name], patience_s=0.5)
    assert tokens_asked(stack) == asked


def tokens_asked(stack: Stack) -> float:
    """Requests for the tokens that the web process has answered."""
    text = requests.get(f"{stack.url}/metrics", timeout=10).text
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("orders_http_requests_total{") and 'route="/api/tokens"' in line
    )
