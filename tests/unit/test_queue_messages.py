"""What is put into the queue is what Huey itself would put there."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from huey.serializer import SignedSerializer

from orders.messaging.queue import OrderQueue
from tests.conftest import FAST

SETTINGS = replace(FAST, redis_url="redis://127.0.0.1:1")
"""Nothing is asked of Redis."""
ORDER_ID = UUID("01890000-0000-7000-8000-000000000000")


def test_messages_are_signed_as_huey_signs_them() -> None:
    message = OrderQueue(SETTINGS).message(ORDER_ID)
    huey = SignedSerializer(secret=SETTINGS.secret_key, salt="orders-queue")
    task = huey.deserialize(message)
    assert task.name == "tasks.execute_order"
    assert task.args == (str(ORDER_ID),)
    assert huey.serialize(task) == message


def test_message_signed_with_another_secret_is_refused() -> None:
    other = SignedSerializer(secret="another secret", salt="orders-queue")
    with pytest.raises(ValueError, match="Signature"):
        OrderQueue(SETTINGS).huey.serializer.deserialize(other.serialize("task"))
