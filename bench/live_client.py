"""Socket.IO and plain WebSocket over raw sockets: just enough of both protocols to watch orders.

RFC 6455 frames; Engine.IO 4 packets (`0` open, `2` ping, `3` pong, `4` message) that carry
Socket.IO 5 packets (`0` connect, `2` event, `3` acknowledgement).
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SOCKETIO_PATH = "/socket.io/?EIO=4&transport=websocket"
WEBSOCKET_PATH = "/ws/orders/{}"
NO_MASK = b"\0\0\0\0"
"""A client must mask what it sends; this mask changes nothing and costs nothing."""

TIMEOUT_S = 60


def handshake(path: str) -> bytes:
    """The request that turns a connection into a WebSocket."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One frame from a client."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return bytes([0x80 | opcode]) + length + NO_MASK + payload


def subscribe_packet(order_id: str) -> bytes:
    """Asks for the history and the further events of an order, with an acknowledgement."""
    return frame(TEXT, b"420" + json.dumps(["subscribe", {"orderId": order_id}]).encode())


JOIN_NAMESPACE = frame(TEXT, b"40")
JOIN_LIST_FEED = frame(TEXT, b'420["subscribe_orders"]')


class FrameReader:
    """Cuts what a server sends into frames."""

    def __init__(self) -> None:
        self._received = b""
        self._upgraded = False

    def feed(self, received: bytes) -> Iterator[tuple[int, bytes]]:
        """The frames that are complete now: opcode and payload."""
        self._received += received
        if not self._upgraded:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                raise ConnectionError(head.decode(errors="replace"))
            self._upgraded, self._received = True, rest
        while (cut := _cut(self._received)) is not None:
            opcode, payload, size = cut
            self._received = self._received[size:]
            yield opcode, payload


def _cut(data: bytes) -> tuple[int, bytes, int] | None:
    if len(data) < 2:
        return None
    size, start = data[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(data[2:10], "big"), 10
    if len(data) < start + size:
        return None
    return data[0] & 0x0F, data[start : start + size], start + size


class ListFeedClient:
    """One blocking Socket.IO connection on the list feed."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = FrameReader()
        self._ready: list[bytes] = []
        self._socket.sendall(handshake(SOCKETIO_PATH))
        self._wait_for(b"0{")
        self._socket.sendall(JOIN_NAMESPACE)
        self._wait_for(b"40")
        self._socket.sendall(JOIN_LIST_FEED)
        self._wait_for(b"430")

    def next_event(self) -> bytes:
        """The next event, as it came over the wire."""
        return self._wait_for(b"42")

    def close(self) -> None:
        """Disconnects."""
        self._socket.close()

    def _wait_for(self, start: bytes) -> bytes:
        while True:
            while self._ready:
                packet = self._ready.pop(0)
                if packet.startswith(start):
                    return packet
                if packet == b"2":
                    self._socket.sendall(frame(TEXT, b"3"))
            received = self._socket.recv(65_536)
            if not received:
                raise ConnectionError("the server closed the live connection")
            self._ready += [payload for _, payload in self._reader.feed(received)]
