"""What clients ask the streams for: known fields only, and the last number that they have."""

from __future__ import annotations

from typing import Any

from flask import request as http_request
from marshmallow import fields

from orders.api.requests import RequestSchema, load
from orders.domain.errors import MalformedRequest

AFTER = "afterSequence"
AFTER_ACCOUNT = "afterAccountSequence"
"""The last number that a client has: of an order's events, or of a wallet's changes; and of all
events of an account's orders.
"""
MAX_SEQUENCE = 2**63 - 1


class OrderRequest(RequestSchema):
    """Which order, and what of it the client has."""

    order_id = fields.Raw()
    after_sequence = fields.Raw()


class AccountRequest(RequestSchema):
    """What of the account the client has, and whether it wants events of orders."""

    after_sequence = fields.Raw()
    after_account_sequence = fields.Raw()
    orders = fields.Raw()


ORDER_REQUEST = OrderRequest()
ACCOUNT_REQUEST = AccountRequest()
NO_FIELDS = RequestSchema()


def read_order_request(request: Any) -> tuple[str, int]:
    """The order's id, and the last sequence. Raises `MalformedRequest`, `ValidationFailed`."""
    if not isinstance(request, dict):
        raise MalformedRequest('Send an object, such as {"orderId": "..."}.')
    load(ORDER_REQUEST, request)
    order_id = request.get("orderId")
    if not isinstance(order_id, str):
        raise MalformedRequest("orderId must be a text: the order's id.")
    return order_id, _check(AFTER, request.get(AFTER, 0))


def read_account_request(request: Any) -> dict[str, Any]:
    """The last numbers, and whether orders are wanted. Raises as `read_order_request`."""
    if request is None:
        return {}
    if not isinstance(request, dict):
        raise MalformedRequest('Send an object, such as {"afterSequence": 7}.')
    load(ACCOUNT_REQUEST, request)
    for name in (AFTER, AFTER_ACCOUNT):
        if request.get(name) is not None:
            _check(name, request[name])
    if type(request.get("orders", True)) is not bool:
        raise MalformedRequest("orders must be true or false.")
    return request


def read_no_fields(request: Any) -> None:
    """Refuses an object with fields. Raises `ValidationFailed`."""
    if isinstance(request, dict):
        load(NO_FIELDS, request)


def number_in_address(name: str) -> int | None:
    """The last number in the query of a WebSocket's address. Raises `MalformedRequest`."""
    given = http_request.args.get(name)
    if given is None:
        return None
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(MAX_SEQUENCE))
    return _check(name, int(given) if is_number else None)


def _check(name: str, given: object) -> int:
    if type(given) is not int or not 0 <= given <= MAX_SEQUENCE:
        raise MalformedRequest(f"{name} must be a whole number, 0 or larger.")
    return given
