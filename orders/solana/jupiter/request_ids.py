"""Request ids that prove which message they were given for.

An id carries the hash of the message, the block height at which the message expires, and an HMAC
over both. So any web process recognises an id, even after a restart, and nothing is stored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass

_BODY = struct.Struct("<Q16s")
"""Last valid block height, then hash of the message."""
_MAC_BYTES = 16
_PURPOSE = b"jupiter-request-id"


@dataclass(frozen=True, slots=True)
class RequestId:
    """The content of an id."""

    last_valid_block_height: int
    message_hash: bytes

    def matches(self, message: bytes) -> bool:
        """Whether the id was given for this message."""
        return hmac.compare_digest(self.message_hash, hash_message(message))


def issue(secret: str, message: bytes, last_valid_block_height: int) -> str:
    """The id for a transaction with this message."""
    body = _BODY.pack(last_valid_block_height, hash_message(message))
    return base64.urlsafe_b64encode(body + _mac(secret, body)).decode().rstrip("=")


def read(secret: str, text: str) -> RequestId | None:
    """The content of an id; None if it was not issued with this secret."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(mac, _mac(secret, body)):
        return None
    return RequestId(*_BODY.unpack(body))


def hash_message(message: bytes) -> bytes:
    """A short hash of a message."""
    return hashlib.sha256(message).digest()[:16]


def _mac(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), _PURPOSE + body, hashlib.sha256).digest()[:_MAC_BYTES]
