"""A market whose time stands still, and venues on it."""

from datetime import UTC, datetime

import pytest

from orders.market.prices import Market
from orders.market.tokens import TokenRegistry
from tests.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def market(clock: ManualClock) -> Market:
    return Market("test", clock, TokenRegistry())
