"""A message on its way to many watchers: each form of it is made once for all of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from wsproto.frame_protocol import FrameProtocol

from orders.domain import exact_json
from orders.domain.amounts import with_strings

Message = dict[str, Any]
EVENT_NAME = "order_update"
_FRAMES = FrameProtocol(client=False, extensions=[])


class Update:
    """A message, and the name of the Socket.IO event that brings it: by default one event of one
    order."""

    def __init__(self, message: Message, event: str = EVENT_NAME) -> None:
        self.message = message
        self.event = event

    @cached_property
    def message_with_strings(self) -> Message:
        """The message for those who want amounts as strings."""
        message: Message = with_strings(self.message)
        return message

    @cached_property
    def frame(self) -> bytes:
        """The message as a plain WebSocket receives it."""
        return text_frame(exact_json.dumps(self.message))

    @cached_property
    def frame_with_strings(self) -> bytes:
        """The same for those who want amounts as strings."""
        return text_frame(exact_json.dumps(self.message_with_strings))


def text_frame(text: str) -> bytes:
    """A text as one whole, unmasked WebSocket frame (RFC 6455)."""
    return bytes(_FRAMES.send_data(text, fin=True))
