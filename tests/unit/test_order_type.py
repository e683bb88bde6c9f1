"""The table of order types is what everything else follows."""

from __future__ import annotations

from orders.api.order_requests import NewOrderRequest
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import CONDITIONS, RESTING_TYPES, RULES, OrderType
from orders.storage.journal import PREPARE
from orders.storage.models import Order


def test_every_type_has_rules() -> None:
    assert set(RULES) == set(OrderType)
    assert set(RESTING_TYPES) == set(CONDITIONS) == set(OrderType) - {OrderType.MARKET}


def test_own_fields_are_requested_stored_and_indexed() -> None:
    requested = {field.data_key for field in NewOrderRequest().fields.values()}
    for condition in CONDITIONS.values():
        assert condition.name in requested
        assert condition.column in OrderRequest._fields
        assert condition.column in Order._meta.fields
        assert f"orders.{condition.column}" in PREPARE, "the journal computes trigger_price of it"
