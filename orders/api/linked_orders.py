"""Linked orders: several resting orders, of which the first that triggers cancels the others."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate, validates_schema

from orders.api.answers import Answer, identifier, nested
from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.order_answers import PlacedAnswer
from orders.api.order_requests import NewOrderRequest, order_request
from orders.api.receipts import (
    IDEMPOTENCY_KEY,
    REPLAYED_HEADER,
    accepted,
    idempotency_key,
    present_receipt,
)
from orders.api.requests import RequestSchema, read_body
from orders.api.scenarios import HEADER
from orders.domain.caller import Caller
from orders.domain.errors import ValidationFailed, within
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import RULES, OrderType

linked_orders = Blueprint(
    "linked_orders", __name__, url_prefix="/api/orders", description="One cancels the other."
)

FEWEST, MOST = 2, 5


class LinkedOrderRequest(NewOrderRequest):
    """A resting order; its group is created with it."""

    class Meta(RequestSchema.Meta):
        exclude = ("oco_group", "client_order_id", "scenario", "dry_run")


class LinkedOrdersRequest(RequestSchema):
    """Resting orders that spend the same token; the first that triggers cancels the others."""

    orders = fields.List(
        fields.Nested(LinkedOrderRequest), required=True, validate=validate.Length(FEWEST, MOST)
    )

    @validates_schema(skip_on_field_errors=True)
    def check_together(self, data: dict[str, Any], **_: Any) -> None:
        """Refuses orders that execute at once: they would cancel nothing."""
        errors = {
            number: {"type": ["Linked orders rest: limit, stop or sniper."]}
            for number, order in enumerate(data["orders"])
            if not RULES[OrderType(order["type"])].rests
        }
        if errors:
            raise ValidationError({"orders": errors})


class LinkedOrdersAnswer(Answer):
    """Orders that are stored durably, as one group."""

    success = fields.Boolean(required=True)
    oco_group = identifier()
    orders = nested(PlacedAnswer, many=True)


LINKED_REQUEST = LinkedOrdersRequest()
EXAMPLE = {
    "orders": [
        {"type": "limit", "tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1, "limitPrice": 250},
        {"type": "stop", "tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1, "stopPrice": 90},
    ]
}


@endpoint(
    linked_orders,
    "POST",
    "/linked",
    {202: LinkedOrdersAnswer, 200: LinkedOrdersAnswer},
    body=LinkedOrdersRequest,
    problems=(
        "unknown_token",
        "same_token",
        "unauthenticated",
        "idempotency_conflict",
        "insufficient_funds",
        "rate_limited",
        "queue_full",
        "store_unavailable",
        "clock_skewed",
    ),
    parameters=(IDEMPOTENCY_KEY,),
    headers=REPLAYED_HEADER,
    security=BEARER_OR_NONE,
    example=EXAMPLE,
)
def place() -> Response:
    """Place linked orders, such as a take-profit with a stop-loss: all of them or none."""
    caller = current_caller()
    if HEADER in request.headers:
        raise ValidationFailed({HEADER: ["Linked orders take no scenario."]})
    key = idempotency_key()
    listed = enumerate(read_body(LINKED_REQUEST)["orders"])
    wanted = [_read(number, terms, caller) for number, terms in listed]
    placed = components().linked_orders.place(wanted, caller, key)
    body = {
        "success": True,
        "ocoGroup": str(placed[0].oco_group),
        "orders": [present_receipt(receipt) for receipt in placed],
    }
    return accepted(body, {}, placed[0].replayed)


def _read(number: int, terms: dict[str, Any], caller: Caller) -> OrderRequest:
    with within(f"orders.{number}"):
        return order_request(terms, caller)
