"""Random streams of requests are read as independent readers read them."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import h11
import pytest
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from tests.http_conversation import read
from tests.http_streams import CHUNKED, random_stream, read_slowly
from tests.log_lines import captured_lines

STREAMS = 3_000
"""Random streams per seed."""


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Thousands of refusals need no log lines."""
    with captured_lines():
        yield


@pytest.mark.parametrize("seed", range(4))
def test_random_streams_are_read_as_the_grammar_says(seed: int) -> None:
    chance = random.Random(seed)
    accepted = 0
    for _ in range(STREAMS):
        stream = random_stream(chance)
        reading = read(stream)
        assert reading == read_slowly(stream), stream
        accepted += not reading.refused
    # Streams of only one kind would prove little.
    assert STREAMS / 10 < accepted < STREAMS * 9 / 10


@pytest.mark.parametrize("seed", range(4, 6))
def test_accepted_streams_are_read_as_h11_reads_them(seed: int) -> None:
    chance = random.Random(seed)
    compared = 0
    for _ in range(STREAMS):
        stream = random_stream(chance)
        reading = read(stream)
        if not reading.refused and (expected := _read_with_h11(stream)) is not None:
            assert [(seen.method, seen.body) for seen in reading.requests] == expected, stream
            compared += 1
    assert compared > STREAMS / 10


@pytest.mark.parametrize("seed", range(6, 8))
def test_chunks_are_read_as_llhttp_reads_them(seed: int) -> None:
    chance = random.Random(seed)
    accepted = 0
    for _ in range(STREAMS):
        stream = random_stream(chance)
        _, found, rest = stream.partition(CHUNKED)
        one = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + CHUNKED + rest
        if not found:
            continue
        bodies = [seen.body for seen in read(one).requests]
        # It takes extensions that the grammar does not have, such as `5;;a` or `5;=a`.
        if bodies or b";" not in rest:
            assert bodies == _read_with_llhttp(one), one
        accepted += len(bodies)
    assert accepted > STREAMS / 10


def _read_with_h11(stream: bytes) -> list[tuple[str, bytes]] | None:
    """Methods and bodies; None where h11 knows less: it refuses an empty line before a request,
    and keeps no connection of HTTP/1.0."""
    if b"HTTP/1.0" in stream:
        return None
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(stream)
    connection.receive_data(b"")
    seen: list[tuple[str, bytes]] = []
    while isinstance(request := _next_request(connection), h11.Request):
        body = b""
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage)
        seen.append((request.method.decode(), body))
        connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
        connection.send(h11.EndOfMessage())
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            break
        connection.start_next_cycle()
    return None if request is None else seen


def _next_request(connection: h11.Connection) -> Any:
    try:
        return connection.next_event()
    except h11.RemoteProtocolError as error:
        if "no request line" in str(error):
            return None
        raise


class _Body:
    def __init__(self) -> None:
        self.received = b""
        self.complete = False

    def on_body(self, part: bytes) -> None:
        if not self.complete:
            self.received += part

    def on_message_complete(self) -> None:
        self.complete = True


def _read_with_llhttp(stream: bytes) -> list[bytes]:
    body = _Body()
    with contextlib.suppress(HttpParserError, HttpParserUpgrade):
        HttpRequestParser(body).feed_data(stream)
    return [body.received] if body.complete else []
