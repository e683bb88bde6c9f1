"""An event on its way to many watchers: encoded once for each transport, not once for each."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from wsproto.frame_protocol import FrameProtocol

from orders import exact_json

Message = dict[str, Any]
_FRAMES = FrameProtocol(client=False, extensions=[])


class Update:
    """One event of one order."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @cached_property
    def frame(self) -> bytes:
        """The event as a plain WebSocket receives it."""
        return text_frame(self.message)


def text_frame(value: Any) -> bytes:
    """A value as the JSON text of one whole, unmasked WebSocket frame (RFC 6455)."""
    frame: bytes = _FRAMES.send_data(exact_json.dumps(value), fin=True)
    return frame
