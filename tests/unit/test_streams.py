"""What is sent to watchers: found by its channel, digit for digit, whole frames."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from orders.domain import exact_json
from orders.domain.events import Event
from orders.messaging.live_feed import channel_of, read_channel
from orders.streams.update import Update

ORDER_ID = UUID("01890000-0000-7000-8000-000000000000")
ACCOUNT_ID = UUID("6f1d1c2e-3b5a-4c55-9d7e-0a1b2c3d4e5f")
MESSAGE = {"orderId": str(ORDER_ID), "sequence": 1, "price": Decimal("1.50")}


@pytest.mark.parametrize("account_id", [None, ACCOUNT_ID])
def test_channel_names_the_order_and_its_owner(account_id: UUID | None) -> None:
    event = Event(ORDER_ID, 1, "pending", datetime.now(UTC), {"attempt": 1}, account_id)
    assert read_channel(channel_of(event)) == (ORDER_ID, account_id)


def test_websocket_frame_carries_decimals_digit_for_digit() -> None:
    text = exact_json.encode(MESSAGE)
    assert b"1.50" in text
    assert Update(MESSAGE).frame == bytes([0x81, len(text)]) + text
