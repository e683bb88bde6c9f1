"""An event on its way to its watchers: encoded once for all plain WebSockets."""

from __future__ import annotations

from functools import cached_property
from typing import Any

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
        """The event as a WebSocket frame."""
        return text_frame(exact_json.dumps(self.message))


def text_frame(text: str) -> bytes:
    """A text as one whole, unmasked WebSocket frame (RFC 6455)."""
    return bytes(_FRAMES.send_data(text, fin=True))
