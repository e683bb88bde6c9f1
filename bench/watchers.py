"""Thousands of live connections in one process, over raw sockets in one thread to keep it cheap.

A child process: plan `{port, transport}`, then a list of order ids: one connection for each, which
watches that order. Says `{connect_s}` once all have joined. Then, for each message `{updates}`, it
waits until that many updates have arrived over all connections together and answers with
`[[orderId, sequence, [time of each receipt]], …]`; if too few arrive in time, with what arrived.

It speaks the needed part of both protocols: RFC 6455 frames; Engine.IO 4 packets (`0` open, `2`
ping, `3` pong, `4` message) that carry Socket.IO 5 packets (`0` connect, `2` event, `3`
acknowledgement).
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bench.children import hand_back, read_plan, wait_for_start
from bench.context import most_watchers

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SOCKETIO_PATH = "/socket.io/?EIO=4&transport=websocket"
WEBSOCKET_PATH = "/ws/orders/{}"
NO_MASK = b"\0\0\0\0"
"""Clients must mask what they send; masking with zeros changes nothing and costs nothing."""
AT_ONCE = 50
"""Connections that are being set up at the same time."""
PATIENCE_S = 60
SEQUENCE = re.compile(rb'"sequence":\s*(\d+)')


def handshake(path: str) -> bytes:
    """The HTTP request that turns a connection into a WebSocket."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One frame from a client."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return bytes([0x80 | opcode]) + length + NO_MASK + payload


def subscribe_packet(order_id: str) -> bytes:
    """Subscribes to an order's history and further events; asks for an acknowledgement."""
    return frame(TEXT, b"420" + json.dumps(["subscribe", {"orderId": order_id}]).encode())


JOIN_NAMESPACE = frame(TEXT, b"40")
JOIN_LIST_FEED = frame(TEXT, b'420["subscribe_orders"]')


class FrameReader:
    """Splits what a server sends into frames."""

    def __init__(self) -> None:
        self._received = b""
        self._upgraded = False

    def feed(self, received: bytes) -> Iterator[tuple[int, bytes]]:
        """Returns the frames that are complete by now: opcode and payload."""
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
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
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


class Watching:
    """One connection that watches one order."""

    def __init__(self, port: int, transport: str, order_id: str) -> None:
        self.order_id = order_id
        self.joined = False
        self.updated = self.closed = False
        self._socketio = transport == "socketio"
        self._reader = FrameReader()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = SOCKETIO_PATH if self._socketio else WEBSOCKET_PATH.format(order_id)
        self.socket.sendall(handshake(path))

    def take(self, received: bytes) -> list[int]:
        """The sequences of the updates in what was received; replies to pings."""
        sequences = []
        for opcode, payload in self._reader.feed(received):
            if opcode == CLOSE:
                self.closed = True
            elif opcode == PING:
                self.socket.sendall(frame(PONG, payload))
            elif self._is_update(payload):
                match = SEQUENCE.search(payload)
                assert match is not None
                sequences.append(int(match[1]))
        self.updated = self.updated or bool(sequences)
        return sequences

    def _is_update(self, payload: bytes) -> bool:
        if not self._socketio:
            self.joined = True  # The first message is the history.
            return payload.startswith(b'{"type":"status_update"')
        if payload.startswith(b'42["order_update"'):
            return True
        if payload == b"2":
            self.socket.sendall(frame(TEXT, b"3"))
        elif payload.startswith(b"0{"):
            self.socket.sendall(JOIN_NAMESPACE)
        elif payload.startswith(b"40"):
            self.socket.sendall(subscribe_packet(self.order_id))
        elif payload.startswith(b"430"):
            self.joined = True
        return False


class Watchers:
    """All connections, and the updates that they have received."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        self._receipts: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._count = 0

    def connect(self, order_ids: list[str]) -> float:
        """Opens and joins them all, some at a time; returns the seconds that it took."""
        started = time.perf_counter()
        joining: list[Watching] = []
        for order_id in order_ids:
            joining.append(self._open(order_id))
            while len(joining) >= AT_ONCE:
                joining = self._progress(joining)
        while joining:
            joining = self._progress(joining)
        return time.perf_counter() - started

    def serve(self) -> None:
        """Receives, and answers the bench until it closes."""
        while True:
            if self.receive(PATIENCE_S):
                line = sys.stdin.readline()
                if not line:
                    return
                hand_back(self._collect(json.loads(line)["updates"]))

    def receive(self, timeout_s: float) -> bool:
        """Takes what has arrived; True if the bench has sent a question."""
        arrived = []
        asked = False
        for key, _ in self._selector.select(timeout_s):
            if key.data is None:
                asked = True
                continue
            received = key.data.socket.recv(65_536)
            arrived.append((key.data, time.time(), received))
        for watching, moment, received in arrived:
            for sequence in watching.take(received):
                self._receipts[watching.order_id, sequence].append(moment)
                self._count += 1
            if watching.closed or not received:
                self._let_go(watching)
        return asked

    def _let_go(self, watching: Watching) -> None:
        """Drops a WebSocket that the server closed after the order's last update. Any other end is
        an error.
        """
        if not watching.updated:
            raise ConnectionError("the server closed a watcher's connection")
        self._selector.unregister(watching.socket)
        watching.socket.close()

    def _open(self, order_id: str) -> Watching:
        watching = Watching(self._plan["port"], self._plan["transport"], order_id)
        self._selector.register(watching.socket, selectors.EVENT_READ, watching)
        return watching

    def _progress(self, joining: list[Watching]) -> list[Watching]:
        self.receive(PATIENCE_S)
        return [watching for watching in joining if not watching.joined]

    def _collect(self, updates: int) -> list[list[Any]]:
        give_up_at = time.monotonic() + PATIENCE_S
        while self._count < updates and time.monotonic() < give_up_at:
            self.receive(1)
        result = [[*key, times] for key, times in self._receipts.items()]
        self._receipts.clear()
        self._count = 0
        return result


def main() -> None:
    """Runs this module as a child process."""
    plan = read_plan()
    most_watchers()
    watchers = Watchers(plan)
    hand_back({"connect_s": watchers.connect(wait_for_start())})
    watchers.serve()


if __name__ == "__main__":
    main()
