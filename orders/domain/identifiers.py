"""Order ids: UUID version 7 (RFC 9562), so that newer orders sort after older ones."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> UUID:
    """A UUID whose first 48 bits are the time in milliseconds and whose rest is random."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def first_uuid7(at: datetime) -> UUID:
    """The smallest id that an order made at this time or later can have."""
    milliseconds = max(int(at.timestamp() * 1000), 0)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


def parse_uuid(text: str) -> UUID | None:
    """Reads a UUID in its usual form with hyphens; None if the text is none."""
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None
