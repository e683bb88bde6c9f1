"""What is sent to watchers: recognised unread, encoded once, and never out of order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import eventlet
import pytest
from eventlet.queue import Queue
from eventlet.semaphore import Semaphore

from orders.domain import exact_json
from orders.domain.events import Event
from orders.messaging.publisher import EventEmitter
from orders.streams.direct import send_update
from orders.streams.feed import ORDER_EVENT
from orders.streams.update import Update
from orders.streams.websocket import _WholeSends

ORDER_ID = UUID("01890000-0000-7000-8000-000000000000")
ACCOUNT_ID = UUID("6f1d1c2e-3b5a-4c55-9d7e-0a1b2c3d4e5f")
MESSAGE = {"orderId": str(ORDER_ID), "sequence": 1, "price": Decimal("1.50")}


@pytest.mark.parametrize("account_id", [None, ACCOUNT_ID])
def test_published_event_is_recognised_without_being_parsed(account_id: UUID | None) -> None:
    event = Event(ORDER_ID, 1, "pending", datetime.now(UTC), {"attempt": 1}, account_id)
    published = EventEmitter("redis://127.0.0.1:1/0").encode(event)
    found = ORDER_EVENT.match(published)
    assert found is not None
    expected = account_id and str(account_id).encode()
    assert found.groups() == (str(ORDER_ID).encode(), expected)


def test_both_transports_carry_the_decimals_digit_for_digit() -> None:
    text = exact_json.encode(MESSAGE)
    assert b"1.50" in text
    update = Update(MESSAGE)
    assert update.frame == bytes([0x81, len(text)]) + text
    packet = b'42["order_update",' + text + b"]"
    assert update.packet_frame == bytes([0x81, len(packet)]) + packet
    assert update.packet.encode() == packet.decode()


class Wire:
    """A socket that takes `room` bytes at once, and everything from those who wait."""

    def __init__(self, room: int) -> None:
        self.sent = b""
        self.room = room
        self.fd = self

    def send(self, data: bytes) -> int:
        if not self.room:
            raise BlockingIOError
        taken = data[: self.room]
        self.room -= len(taken)
        self.sent += taken
        return len(taken)

    def sendall(self, data: bytes) -> None:
        self.sent += data


def test_socketio_event_is_sent_at_once_and_not_queued() -> None:
    socket = _engine_socket(Wire(10_000))
    send_update(socket, Update(MESSAGE))
    assert socket.websocket.socket.sent == Update(MESSAGE).packet_frame
    assert socket.queue.empty()


def test_socketio_event_waits_behind_what_is_queued() -> None:
    socket = _engine_socket(Wire(10_000))
    socket.queue.put("an acknowledgement")
    send_update(socket, Update(MESSAGE))
    assert socket.websocket.socket.sent == b""
    assert socket.queue.qsize() == 2


@pytest.mark.parametrize("state", ["full", "busy", "polling", "upgrading"])
def test_socketio_event_is_queued_where_it_cannot_be_sent_at_once(state: str) -> None:
    socket = _engine_socket(Wire(0 if state == "full" else 10_000))
    if state == "busy":
        socket.websocket._sendlock.acquire()
    if state == "polling":
        del socket.websocket
    socket.upgraded = state != "upgrading"
    send_update(socket, Update(MESSAGE))
    assert socket.queue.qsize() == 1


def test_nothing_comes_between_the_parts_of_a_socketio_frame() -> None:
    wire = Wire(7)
    socket = _engine_socket(wire)
    update = Update(MESSAGE)
    send_update(socket, update)
    send_update(socket, update)
    assert socket.queue.qsize() == 1, "the second one has to wait"
    eventlet.sleep(0)
    assert wire.sent == update.packet_frame
    assert socket.websocket._sendlock.acquire(blocking=False)


def test_nothing_comes_between_the_parts_of_a_websocket_frame() -> None:
    wire = Wire(7)
    socket = _WholeSends(wire)
    assert socket.send_now(b"first frame")
    assert socket.behind
    assert not socket.send_now(b"second frame")
    socket.send(b"ping")
    assert wire.sent == b"first frameping"
    assert not socket.behind


def _engine_socket(wire: Wire) -> Any:
    queue: Any = Queue()
    return SimpleNamespace(
        closed=False,
        upgraded=True,
        queue=queue,
        send=queue.put,
        check_ping_timeout=lambda: True,
        websocket=SimpleNamespace(socket=wire, _sendlock=Semaphore()),
    )
