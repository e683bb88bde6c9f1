"""The HTTP load client: raw keep-alive sockets in one thread, so that it uses little processor
time.

Run as a program it is a child process: plan `{port, connections, requests, body}`, result
`{started, ended, latencies_ms, refused}`.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from typing import Any

from bench.children import hand_back, read_plan, wait_for_start

PATH = "/api/orders/execute"
MARKET_ORDER = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1.5}
TIMEOUT_S = 30


def request_bytes(method: str, path: str, body: Any = None) -> bytes:
    """A whole HTTP request as bytes."""
    payload = b"" if body is None else json.dumps(body).encode()
    kind = "Content-Type: application/json\r\n" if body is not None else ""
    framing = f"{kind}Content-Length: {len(payload)}\r\n\r\n"
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{framing}"
    return head.encode() + payload


class HttpConnection:
    """One keep-alive connection, for one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._received = b""

    def send(self, request: bytes) -> None:
        """Sends a request and notes the time."""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> tuple[int, bytes] | None:
        """Status and body, or None while the answer is not complete."""
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._received += received
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return None
        self._received = b""
        return int(head[9:12]), body

    def call(self, request: bytes) -> tuple[int, bytes]:
        """Sends a request and waits for status and body."""
        self.send(request)
        while (answer := self.read()) is None:
            pass
        return answer

    def close(self) -> None:
        """Closes the connection."""
        self.socket.close()


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


class Load:
    """Sends requests over all connections at once, the next when the last is answered."""

    def __init__(self, connections: list[HttpConnection], request: bytes, requests: int) -> None:
        self._connections = connections
        self._request = request
        self._left = requests
        self._selector = selectors.DefaultSelector()
        self.latencies_ms: list[float] = []
        self.refused = 0

    def run(self) -> None:
        """Sends all requests; returns when each is answered."""
        if len(self._connections) == 1:
            self._run_alone(self._connections[0])
            return
        for connection in self._connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._send_next(connection)
        while self._selector.get_map():
            for key, _ in self._selector.select(TIMEOUT_S):
                self._receive(key.data)

    def _run_alone(self, connection: HttpConnection) -> None:
        """Sends all requests over one connection, without a selector: waiting for one socket is
        cheaper.
        """
        for _ in range(self._left):
            status, _ = connection.call(self._request)
            self._note(connection, status)

    def _note(self, connection: HttpConnection, status: int) -> None:
        self.latencies_ms.append((time.perf_counter() - connection.sent_at) * 1000)
        self.refused += status >= 300

    def _send_next(self, connection: HttpConnection) -> None:
        if self._left > 0:
            self._left -= 1
            connection.send(self._request)
        else:
            self._selector.unregister(connection.socket)

    def _receive(self, connection: HttpConnection) -> None:
        answer = connection.read()
        if answer is None:
            return
        self._note(connection, answer[0])
        self._send_next(connection)


def main() -> None:
    """Runs this module as a child process."""
    plan = read_plan()
    connections = [HttpConnection(plan["port"]) for _ in range(plan["connections"])]
    load = Load(connections, request_bytes("POST", PATH, plan["body"]), plan["requests"])
    wait_for_start()
    started = time.time()
    load.run()
    result = {"started": started, "ended": time.time(), "refused": load.refused}
    hand_back({**result, "latencies_ms": load.latencies_ms})


if __name__ == "__main__":
    main()
