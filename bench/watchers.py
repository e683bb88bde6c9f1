"""Thousands of live connections in one process that costs little: raw sockets, one thread.

A child process: plan `{port, transport}`, then a list of order ids: one connection for each,
which watches that order. Says `{connect_s}` once all have joined. Then, for each message
`{updates}`, it waits until that many updates have arrived over all connections together and
answers with `[[orderId, sequence, [time of each receipt]], …]`, or with what it has if they stay
away.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from collections import defaultdict
from typing import Any

from bench.children import hand_back, read_plan, wait_for_start
from bench.live_client import (
    CLOSE,
    JOIN_NAMESPACE,
    PING,
    PONG,
    SOCKETIO_PATH,
    TEXT,
    WEBSOCKET_PATH,
    FrameReader,
    frame,
    handshake,
    subscribe_packet,
)
from bench.scale import most_watchers

AT_ONCE = 50
"""Connections that are being set up at the same time."""
PATIENCE_S = 60
SEQUENCE = re.compile(rb'"sequence":\s*(\d+)')


class Watching:
    """One connection that watches one order."""

    def __init__(self, port: int, transport: str, order_id: str) -> None:
        self.order_id = order_id
        self.joined = False
        self._socketio = transport == "socketio"
        self._reader = FrameReader()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = SOCKETIO_PATH if self._socketio else WEBSOCKET_PATH.format(order_id)
        self.socket.sendall(handshake(path))

    def take(self, received: bytes) -> list[int]:
        """The sequences of the updates in what was received; answers what has to be answered."""
        sequences = []
        for opcode, payload in self._reader.feed(received):
            if opcode == CLOSE:
                raise ConnectionError("the server closed a watcher's connection")
            if opcode == PING:
                self.socket.sendall(frame(PONG, payload))
            elif self._is_update(payload):
                match = SEQUENCE.search(payload)
                assert match is not None
                sequences.append(int(match[1]))
        return sequences

    def _is_update(self, payload: bytes) -> bool:
        if not self._socketio:
            self.joined = True  # Whatever comes first is the history.
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
    """All connections, and what they have received."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        self._receipts: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._count = 0

    def connect(self, order_ids: list[str]) -> float:
        """Opens and joins them all, some at a time; returns the seconds that took."""
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
        """Receives, and answers the bench, until it has no further question."""
        while True:
            if self.receive(PATIENCE_S):
                line = sys.stdin.readline()
                if not line:
                    return
                hand_back(self._collect(json.loads(line)["updates"]))

    def receive(self, timeout_s: float) -> bool:
        """Takes what has arrived; True if the bench has a question."""
        arrived = []
        asked = False
        for key, _ in self._selector.select(timeout_s):
            if key.data is None:
                asked = True
                continue
            received = key.data.socket.recv(65_536)
            arrived.append((key.data, time.time(), received))
        for watching, moment, received in arrived:
            if not received:
                raise ConnectionError("the server closed a watcher's connection")
            for sequence in watching.take(received):
                self._receipts[watching.order_id, sequence].append(moment)
                self._count += 1
        return asked

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
    """Runs as a child process."""
    plan = read_plan()
    most_watchers()
    watchers = Watchers(plan)
    hand_back({"connect_s": watchers.connect(wait_for_start())})
    watchers.serve()


if __name__ == "__main__":
    main()
