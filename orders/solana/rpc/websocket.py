"""JSON-RPC over WebSocket at `/rpc`: answers calls and notifies subscribers.

One thread serves a connection: it reads what the client sent, and looks for news between two
messages. A client that does not read delays only itself.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

import simple_websocket
from flask import Response, request
from simple_websocket.errors import ConnectionClosed

from orders.api.rate_limits import count_call
from orders.domain import exact_json
from orders.domain.errors import StoreUnavailable
from orders.observability import observe
from orders.solana.rpc.dispatch import Dispatcher, Method
from orders.solana.rpc.subscriptions import MakeTopic, Subscriptions
from orders.streams.websocket import AlreadyAnswered, end, reset_at_the_end

GOING_AWAY = 1001
POLICY_VIOLATION = 1008
MAX_WAITING = 500
"""Unanswered messages of a client after which its connection is ended."""
IDLE_POLL_S = 5.0
"""Seconds that a connection without subscriptions waits for a message at a time."""


class RpcSockets:
    """Serves the WebSocket address."""

    def __init__(
        self,
        methods: dict[str, Method],
        topics: dict[str, MakeTopic],
        *,
        most_at_once: int,
        most_subscriptions: int,
        poll_s: float,
        ping_s: float,
        max_bytes: int,
    ) -> None:
        self._methods = methods
        self._topics = topics
        self._most_at_once = most_at_once
        self._most_subscriptions = most_subscriptions
        self._poll_s = poll_s
        self._ping_s = ping_s
        self._max_bytes = max_bytes
        self._live: set[Any] = set()

    def serve(self) -> Response:
        """Runs one connection from the handshake to its end."""
        # Compression would cost every connection some 300 KiB.
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        connection = simple_websocket.Server(
            request.environ, ping_interval=self._ping_s, max_message_size=self._max_bytes
        )
        observe.socket_opened("rpc")
        self._live.add(connection)
        try:
            self._run(connection)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._live.discard(connection)
            observe.socket_closed("rpc")
            end(connection)
        return AlreadyAnswered()

    def close_all(self) -> None:
        """Ends every connection, because this process stops."""
        for connection in list(self._live):
            with contextlib.suppress(ConnectionClosed, OSError):
                connection.close(GOING_AWAY, "the server is stopping")
                # Wakes whoever waits for a message of this client.
                connection.sock.shutdown(socket.SHUT_RD)

    def _run(self, connection: Any) -> None:
        subscriptions = Subscriptions(self._topics, self._most_subscriptions)
        methods = self._methods | subscriptions.methods()
        dispatcher = Dispatcher(methods, self._most_at_once, count_call)
        look_at = 0.0
        while True:
            received = connection.receive(
                timeout=self._poll_s if len(subscriptions) else IDLE_POLL_S
            )
            if len(connection.input_buffer) > MAX_WAITING:
                connection.close(POLICY_VIOLATION, "too many messages at once")
                reset_at_the_end(connection)
                return
            if received is not None:
                self._answer(connection, dispatcher, received)
            if time.monotonic() >= look_at:
                with contextlib.suppress(StoreUnavailable):
                    self._notify(connection, subscriptions)
                look_at = time.monotonic() + self._poll_s

    def _answer(self, connection: Any, dispatcher: Dispatcher, received: str | bytes) -> None:
        body = received.encode() if isinstance(received, str) else received
        answered = dispatcher.answer(body).body
        if answered:
            connection.send(answered.decode())

    def _notify(self, connection: Any, subscriptions: Subscriptions) -> None:
        for method, number, result in subscriptions.notifications():
            params = {"result": result, "subscription": number}
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            connection.send(exact_json.dumps(message))
