"""A client of `/ws` that keeps what it receives, in order."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import websocket

from orders.domain import exact_json
from tests.clients import PATIENCE_S

Message = dict[str, Any]


class MessageClient:
    """One plain WebSocket on which messages subscribe and unsubscribe."""

    def __init__(self, url: str, query: str = "", headers: list[str] | None = None) -> None:
        address = f"{url.replace('http', 'ws', 1)}/ws{query}"
        self._socket = websocket.create_connection(
            address, header=headers or [], timeout=PATIENCE_S
        )
        self._asked = 0
        self.received: list[Message] = []
        """All messages that are no answers."""
        self.close_code: int | None = None

    def ask(self, kind: str, **members: Any) -> Message:
        """Sends a message and waits for its answer."""
        self._asked += 1
        self.send({"type": kind, "id": self._asked, **members})
        while True:
            message = self.read()
            if message.get("id") == self._asked and "ok" in message:
                return message
            self.received.append(message)

    def send(self, message: Any) -> None:
        """Sends a message, or a text as it is."""
        self._socket.send(message if isinstance(message, str) else exact_json.dumps(message))

    def read(self) -> Message:
        """The next message. Raises `EOFError` at the end."""
        opcode, payload = self._socket.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big")
            raise EOFError(self.close_code)
        return dict(exact_json.loads(payload))

    def wait_for(self, kind: str, **members: Any) -> Message:
        """The next message of that type with these members; keeps the others."""
        while True:
            message = self.read()
            self.received.append(message)
            if message["type"] == kind and members.items() <= message.items():
                return message

    def wait_for_end(self) -> int:
        """Reads to the end; the close code."""
        with suppress(EOFError):
            while True:
                self.received.append(self.read())
        assert self.close_code is not None
        return self.close_code

    def of(self, kind: str) -> list[Message]:
        """The messages of that type so far."""
        return [message for message in self.received if message["type"] == kind]

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()
