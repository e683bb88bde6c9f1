"""Database connections get the file numbers of WebSockets that the server has closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import psycopg2
import requests
import websocket
from websocket import ABNF

from tests.acceptance.conftest import MakeStack
from tests.clients import PATIENCE_S, wait_until
from tests.load import query
from tests.stack import Stack

ORDER = "/api/orders/00000000-0000-7000-8000-000000000000"
ANSWERS = {
    f"{ORDER}/ws": 4404,
    "/ws?token=unknown": 4401,
    "/ws/account": 4401,
    "/rpc": 1008,
}
EACH = 4
"""Connections to each address at once."""
FLOOD = ABNF.create_frame("{}", ABNF.OPCODE_TEXT).format() * 1000
"""More messages than may wait."""


def test_closed_websockets_leave_nobody_waiting_for_their_file_numbers(
    make_stack: MakeStack,
) -> None:
    # Whoever still waited would do so until the next ping.
    stack = make_stack(workers=0, watchers=0, stream_ping_s=60)
    with ThreadPoolExecutor(EACH * len(ANSWERS)) as clients:
        paths = [path for path in ANSWERS for _ in range(EACH)]
        close = partial(_read_close_code, stack.url.replace("http", "ws", 1))
        assert list(clients.map(close, paths)) == [ANSWERS[path] for path in paths]
        with closing(psycopg2.connect(stack.settings.database_url)) as held:
            held.cursor().execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            asked = [clients.submit(requests.get, stack.url + ORDER, timeout=20) for _ in paths]
            wait_until(lambda: _waiting(stack) == len(asked), "a connection for each request")
        assert {answer.result().status_code for answer in asked} == {404}
    assert "Second simultaneous" not in stack.logs()


def _waiting(stack: Stack) -> int:
    """How many connections to the database wait for a lock."""
    statement = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return len(query(stack.settings, statement))


def _read_close_code(url: str, path: str) -> int:
    """Reads a connection to its end, as the server ends it."""
    with closing(websocket.create_connection(url + path, timeout=PATIENCE_S)) as connection:
        if path == "/rpc":
            assert connection.sock is not None
            connection.sock.sendall(FLOOD)
        while True:
            opcode, payload = connection.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:
                return int.from_bytes(payload[:2], "big")
