"""Requests are read as RFC 9112 has them, and whatever else comes is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from orders.api.http_protocol import StrictHttpProtocol
from orders.api.request_body import MAX_CHUNK_EXTRA_BYTES, MAX_CHUNK_LINE_BYTES
from orders.api.request_head import MAX_HEADER_LINE_BYTES, MAX_HEADERS, MAX_REQUEST_LINE_BYTES
from tests.http_conversation import Service, converse, read, statuses
from tests.http_streams import CHUNKED
from tests.log_lines import captured_lines

HEAD = b"POST /x?token=SECRET HTTP/1.1\r\nHost: a\r\n"
GET = b"GET /x?token=SECRET HTTP/1.1\r\nHost: a\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

REFUSED = {
    "version 9.9": (b"GET /x?token=SECRET HTTP/9.9\r\nHost: a\r\n\r\n", 400),
    "no version": (b"GET /x?token=SECRET\r\n\r\n", 400),
    "unknown method": (b"SECRET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "two blanks": (b"GET  /x?token=SECRET HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "bare line feeds": (b"GET /x?token=SECRET HTTP/1.1\nHost: a\n\n", 400),
    "no host": (b"GET /x?token=SECRET HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: a\r\n\r\n", 400),
    "host with a path": (b"GET / HTTP/1.1\r\nHost: a/SECRET\r\n\r\n", 400),
    "another host in the address": (b"GET http://SECRET/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "blank before the colon": (GET + b"Content-Length : 1\r\n\r\n", 400),
    "folded header": (GET + b"X-A: 1\r\n SECRET\r\n\r\n", 400),
    "NUL": (GET + b"X-A: SECRET\0\r\n\r\n", 400),
    "bare carriage return": (GET + b"X-A: a\rX-B: SECRET\r\n\r\n", 400),
    "bare line feed": (GET + b"X-A: a\nX-B: SECRET\r\n\r\n", 400),
    "differing lengths": (HEAD + b"Content-Length: 0\r\nContent-Length: 39\r\n\r\n", 400),
    "length and chunks": (HEAD + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "xchunked": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunked, identity": (HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "hexadecimal chunk size": (HEAD + CHUNKED + b"0x1\r\na\r\n0\r\n\r\n", 400),
    "chunk size with a sign": (HEAD + CHUNKED + b"+1\r\na\r\n0\r\n\r\n", 400),
    "chunk size with an underscore": (HEAD + CHUNKED + b"1_0\r\n" + b"a" * 16 + b"\r\n", 400),
    "chunk longer than its size": (HEAD + CHUNKED + b"1\r\nab\r\n0\r\n\r\n", 400),
    "length among the trailers": (HEAD + CHUNKED + b"0\r\nContent-Length: 1\r\n\r\n", 400),
    "long chunk line": (HEAD + CHUNKED + b"1;a=" + b"a" * MAX_CHUNK_LINE_BYTES, 400),
    "long trailer": (HEAD + CHUNKED + b"0\r\nX: " + b"a" * MAX_CHUNK_LINE_BYTES, 400),
    "many extensions": (
        HEAD + CHUNKED + (b"1;" + b"a" * 500 + b"\r\na\r\n") * (MAX_CHUNK_EXTRA_BYTES // 500 + 1),
        400,
    ),
    "many trailers": (HEAD + CHUNKED + b"0\r\n" + b"X: a\r\n" * MAX_CHUNK_EXTRA_BYTES, 400),
    "long address": (b"GET /" + b"a" * MAX_REQUEST_LINE_BYTES, 414),
    "long header": (GET + b"X-A: " + b"a" * MAX_HEADER_LINE_BYTES, 431),
    "many headers": (GET + b"X-A: SECRET\r\n" * MAX_HEADERS, 431),
    "much of headers": (GET + (b"X-A: " + b"a" * 8000 + b"\r\n") * 5, 431),
    "broken off in the headers": (GET + b"X-", 400),
    "not HTTP": (bytes(range(255, 0, -1)), 400),
}
"""What is refused, and with which status."""


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[Any]]:
    """The log lines of a test."""
    with captured_lines() as captured:
        yield captured


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_request_is_refused_and_ends_the_connection(name: str, lines: list[Any]) -> None:
    stream, status = REFUSED[name]
    service = Service()
    answer = converse(stream + HIDDEN, service)
    assert statuses(answer) == [status]
    assert b"\r\nConnection: close\r\n" in answer
    assert service.seen == []
    for revealed in (b"Python", b"eventlet", b"Server:", b"SECRET"):
        assert revealed not in answer
    assert "SECRET" not in repr(lines)


@pytest.mark.parametrize("name", ["version 9.9", "long address", "many headers"])
def test_refusal_is_a_problem_and_a_log_line(name: str, lines: list[Any]) -> None:
    stream, status = REFUSED[name]
    head, _, body = converse(stream, Service()).partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert b"Content-Type: application/problem+json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert problem["status"] == status
    assert f"X-Request-ID: {problem['requestId']}".encode() in head
    (line,) = lines
    assert (line["event"], line["status"]) == ("request_refused", status)
    assert line["requestId"] == problem["requestId"]


def test_requests_of_a_connection_are_answered_one_after_the_other() -> None:
    chunked = HEAD + CHUNKED + b"5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"
    announced = HEAD + b"Content-Length: 2\r\n\r\nhi"
    reading = read(GET + b"\r\n" + chunked + announced + HIDDEN)
    assert [seen.body for seen in reading.requests] == [b"", b"hello", b"hi", b""]
    assert reading.requests[3].target == "/hidden"


def test_body_that_nobody_reads_is_no_request() -> None:
    def deaf(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "0")])
        return [environ["RAW_PATH_INFO"].encode()]

    announced = HEAD + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN
    chunked = HEAD + CHUNKED + b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
    answers = converse(announced + chunked + announced, deaf)
    assert statuses(answers) == [200] * 3
    assert b"hidden" not in answers
    broken = HEAD + CHUNKED + b"+1\r\n" + HIDDEN
    assert statuses(converse(broken + HIDDEN, deaf)) == [200]


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 2\r\n\r\nhi", CHUNKED + b"2\r\nhi\r\n0\r\n\r\n"]
)
def test_client_that_expects_100_is_told_to_go_on(framing: bytes) -> None:
    service = Service()
    answers = converse(HEAD + b"Expect: 100-continue\r\n" + framing + HIDDEN, service)
    assert statuses(answers) == [100, 200, 200]
    assert [seen.body for seen in service.seen] == [b"hi", b""]


def test_body_that_ends_early_is_not_taken_for_whole() -> None:
    answers = converse(HEAD + b"Content-Length: 50\r\n\r\n{}", Service())
    assert statuses(answers) == [400]
    assert answers.endswith(b"The connection ended before the body did.")


def test_application_learns_what_wsgi_promises() -> None:
    service = Service()
    converse(
        b"POST //a%20b/%C3%A9?c=%20 HTTP/1.1\r\nHost: a:5000\r\nContent-Type: text/x\r\n"
        b"Content-Length: 0\r\nX-Same: 1\r\nx-same: 2\r\nX_Same: 3\r\nX-Latin: \xe9\r\n\r\n",
        service,
    )
    environ = service.environs[0]
    expected = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/a b/\xc3\xa9",
        "QUERY_STRING": "c=%20", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "5000", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "a:5000",
        "CONTENT_TYPE": "text/x", "CONTENT_LENGTH": "0", "HTTP_X_SAME": "1,2",
        "HTTP_X_LATIN": "\xe9", "wsgi.url_scheme": "http",
    }  # fmt: skip
    assert {name: environ.get(name) for name in expected} == expected
    assert "HTTP_CONTENT_LENGTH" not in environ


@pytest.mark.parametrize(
    ("request_head", "answered"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", 1),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n", 1),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n", 2),
        (b"GET / HTTP/1.0\r\n", 1),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", 2),
        (b"\r\nGET / HTTP/1.1\r\nHost: a\r\n", 2),
        (b"GET http://A/ HTTP/1.1\r\nHost: a\r\n", 2),
    ],
)
def test_connection_is_kept_as_the_client_says(request_head: bytes, answered: int) -> None:
    assert len(read(request_head + b"\r\n" + HIDDEN).requests) == answered


def test_defect_of_the_protocol_itself_is_a_log_line(
    lines: list[Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(StrictHttpProtocol, "get_environ", fail)
    assert converse(HIDDEN, Service()) == b""
    assert [line["event"] for line in lines] == ["internal_error"]
    assert "Traceback" not in capfd.readouterr().err
