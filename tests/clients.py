"""Real clients for HTTP, Socket.IO and WebSocket that remember what they receive."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests
import socketio
import websocket

from orders.domain import exact_json
from orders.domain.lifecycle import TERMINAL

PATIENCE_S = 30
MARKET = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1.5"}


def submit(url: str, headers: dict[str, str] | None = None, **fields: Any) -> str:
    """Posts an order; returns its id."""
    answer = requests.post(
        f"{url}/api/orders/execute", json={**MARKET, **fields}, headers=headers, timeout=10
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["orderId"])


def history(url: str, order_id: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The stored events of an order."""
    answer = requests.get(f"{url}/api/orders/{order_id}/history", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return list(exact_json.loads(answer.text)["history"])


def wait_until(
    condition: Callable[[], Any], what: str = "the condition", patience_s: float = PATIENCE_S
) -> Any:
    """Waits until the condition returns something true, and returns that."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {patience_s:g} s")


def wait_terminal(url: str, order_id: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Waits until the order has ended; returns its record."""

    def ended() -> dict[str, Any] | None:
        answer = requests.get(f"{url}/api/orders/{order_id}", headers=headers, timeout=10)
        record = answer.json()
        return record if record["status"] in TERMINAL else None

    return dict(wait_until(ended, f"the end of order {order_id}"))


class SocketIoClient:
    """A Socket.IO client that keeps all it receives, in order, per order."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self.resyncs = 0
        self._client = socketio.Client(json=exact_json, reconnection=False)
        self._client.on("order_update", self._on_update)
        self._client.on("resync", lambda *_: setattr(self, "resyncs", self.resyncs + 1))
        self._client.connect(url, auth={"token": token} if token else None)

    def subscribe(self, order_id: str, after: int = 0) -> dict[str, Any]:
        """Subscribes to an order; its history counts as seen."""
        answers: list[dict[str, Any]] = []

        def acknowledged(answer: dict[str, Any]) -> None:
            # On the receiving thread: keeps the order in which packets came.
            for event in answer.get("history", ()):
                self._on_update(event)
            answers.append(answer)

        request = {"orderId": order_id, "afterSequence": after}
        self._client.emit("subscribe", request, callback=acknowledged)
        wait_until(lambda: answers or not self.connected, "an acknowledgement")
        if not answers:
            raise ConnectionError("The connection broke before the acknowledgement.")
        return answers[0]

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return bool(self._client.connected)

    def call(self, event: str, data: Any = None) -> Any:
        """Emits and waits for the acknowledgement."""
        return self._client.call(event, data, timeout=PATIENCE_S)

    def sequences(self, order_id: str) -> list[int]:
        """The sequences seen of an order, in order of arrival."""
        return [event["sequence"] for event in self.seen.get(order_id, [])]

    def wait_terminal(self, order_id: str) -> list[dict[str, Any]]:
        """Waits for the order's last event; returns all that was seen of it."""
        wait_until(
            lambda: self.seen.get(order_id) and self.seen[order_id][-1]["status"] in TERMINAL,
            f"the last event of {order_id}",
        )
        return self.seen[order_id]

    def close(self) -> None:
        """Disconnects."""
        self._client.disconnect()

    def _on_update(self, event: dict[str, Any]) -> None:
        self.seen.setdefault(event["orderId"], []).append(event)


def read_websocket(
    url: str, path: str, headers: list[str] | None = None, count: int | None = None
) -> tuple[list[dict[str, Any]], int | None]:
    """Reads a WebSocket to its end (or `count` events); the events and the close code."""
    connection = websocket.create_connection(
        url.replace("http", "ws", 1) + path, header=headers or [], timeout=PATIENCE_S
    )
    events: list[dict[str, Any]] = []
    try:
        while count is None or len(events) < count:
            opcode, payload = connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return events, int.from_bytes(payload[:2], "big")
            message = exact_json.loads(payload)
            events.extend(message["logs"] if message["type"] == "backfill" else [message])
    finally:
        connection.close()
    return events, None
