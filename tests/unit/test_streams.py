"""What is sent to watchers: addressed by order and owner, digit for digit, whole frames."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from orders.domain import exact_json
from orders.domain.events import Event
from orders.messaging.live_feed import pack, unpack
from orders.streams.update import Update

ORDER_ID = UUID("01890000-0000-7000-8000-000000000000")
ACCOUNT_ID = UUID("6f1d1c2e-3b5a-4c55-9d7e-0a1b2c3d4e5f")
MESSAGE = {"orderId": str(ORDER_ID), "sequence": 1, "price": Decimal("1.50")}


@pytest.mark.parametrize("account_id", [None, ACCOUNT_ID])
def test_message_names_the_order_and_the_owner_of_each_event(account_id: UUID | None) -> None:
    event = Event(ORDER_ID, 1, "pending", datetime.now(UTC), {"price": Decimal("1.50")}, account_id)
    order_id, owner, text = next(unpack(pack([event])))
    assert (order_id, owner) == (ORDER_ID, account_id)
    assert '"price":1.50' in text


def test_websocket_frame_carries_decimals_digit_for_digit() -> None:
    text = exact_json.encode(MESSAGE)
    assert b"1.50" in text
    assert Update(MESSAGE).frame == bytes([0x81, len(text)]) + text
