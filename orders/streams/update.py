"""An event on its way to many watchers: encoded once for each transport, not once for each."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT, Packet
from wsproto.frame_protocol import FrameProtocol

from orders.domain import exact_json

Message = dict[str, Any]
EVENT_NAME = "order_update"
_FRAMES = FrameProtocol(client=False, extensions=[])


class Update:
    """One event of one order."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @cached_property
    def frame(self) -> bytes:
        """The event as a plain WebSocket receives it."""
        return text_frame(exact_json.dumps(self.message))

    @cached_property
    def packet(self) -> EnginePacket:
        """The event as Socket.IO clients receive it: an Engine.IO packet, whatever carries it."""
        data = [EVENT_NAME, self.message]
        return EnginePacket(MESSAGE, SocketIoPacket(EVENT, data=data, namespace="/").encode())

    @cached_property
    def packet_frame(self) -> bytes:
        """The same on Socket.IO's WebSocket."""
        return text_frame(self.packet.encode())


class SocketIoPacket(Packet):  # type: ignore[misc]
    """A packet with exact decimals."""

    json = exact_json


def text_frame(text: str) -> bytes:
    """A text as one whole, unmasked WebSocket frame (RFC 6455)."""
    return bytes(_FRAMES.send_data(text, fin=True))
