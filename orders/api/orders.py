"""Orders: placing, reading, listing, amending and cancelling them."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.cross_site import refuse_cross_site
from orders.api.endpoints import BEARER, BEARER_OR_NONE, endpoint
from orders.api.order_answers import (
    HistoryAnswer,
    OrderAnswer,
    OrdersAnswer,
    PlacedAnswer,
    StatusAnswer,
    order_answer,
)
from orders.api.order_filters import order_filter
from orders.api.order_requests import (
    AmendRequest,
    HistoryQuery,
    ListQuery,
    NewOrderRequest,
    order_request,
)
from orders.api.previews import PreviewAnswer, preview
from orders.api.problems import upgrade_required
from orders.api.receipts import (
    IDEMPOTENCY_KEY,
    REPLAYED_HEADER,
    accepted,
    idempotency_key,
    present_receipt,
)
from orders.api.requests import answer, read_body, read_query
from orders.api.scenarios import SCENARIO_HEADER, hold_back, refuse_once, requested_scenario
from orders.domain.caller import Caller
from orders.domain.errors import ValidationFailed
from orders.domain.events import messages
from orders.domain.identifiers import parse_uuid
from orders.execution.amendment import NAMES
from orders.storage.database import connection
from orders.storage.history import read_history
from orders.storage.listing import list_orders
from orders.storage.models import Order

orders = Blueprint(
    "orders", __name__, url_prefix="/api/orders", description="Placing and following orders."
)

ORDER_REQUEST = NewOrderRequest()
AMEND_REQUEST = AmendRequest()
HISTORY_QUERY = HistoryQuery()
NO_TERMS = f"Name at least one term to amend: {', '.join(NAMES.values())}."
LIST_QUERY = ListQuery()
STATUS = StatusAnswer()

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "Amend only if the order's sequence, in quotes as in ETag, is this one.",
    "example": '"1"',
}
EXAMPLE = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1.5, "maxSlippageBps": 100}
PLACED_HEADERS = {
    "Location": "The order's record.",
    **REPLAYED_HEADER,
}
PLACE_PROBLEMS = (
    "unknown_token",
    "same_token",
    "unauthenticated",
    "idempotency_conflict",
    "client_order_id_conflict",
    "insufficient_funds",
    "scenario_not_allowed",
    "unknown_scenario",
    "rate_limited",
    "queue_full",
    "store_unavailable",
    "clock_skewed",
)
READ_PROBLEMS = ("unauthenticated", "order_not_found", "store_unavailable")


placing = partial(
    endpoint,
    orders,
    "POST",
    answers={202: PlacedAnswer, 200: (PlacedAnswer, PreviewAnswer)},
    body=NewOrderRequest,
    problems=PLACE_PROBLEMS,
    parameters=(IDEMPOTENCY_KEY, SCENARIO_HEADER),
    headers=PLACED_HEADERS,
    example=EXAMPLE,
)
"""Serves and documents a view that places an order: all of them take and answer the same."""


@placing("/execute", security=BEARER_OR_NONE)
def execute() -> Response:
    """Place an order, with or without an account."""
    return _place(current_caller())


@placing("/execute/stream", security=BEARER_OR_NONE)
def execute_and_stream() -> Response:
    """Place an order; the same as POST /api/orders/execute."""
    return execute()


@endpoint(orders, "GET", "/execute", {}, problems=("upgrade_required",))
def follow() -> Response:
    """Follow an order over a WebSocket; see /asyncapi.json for its messages."""
    return upgrade_required()


@placing("", security=BEARER)
def place() -> Response:
    """Place an order of an account."""
    return _place(current_caller(account=True))


@endpoint(
    orders,
    "GET",
    "",
    {200: OrdersAnswer},
    query=ListQuery,
    problems=("validation_failed", "unknown_token", "unauthenticated", "store_unavailable"),
    security=BEARER_OR_NONE,
)
def list_all() -> Response:
    """List the account's orders, or the recent anonymous ones, newest first."""
    caller = current_caller()
    query = read_query(LIST_QUERY)
    limit = query["limit"]
    found = list_orders(caller, order_filter(query), limit + 1, read_cursor(query.get("cursor")))
    page = found[:limit]
    return answer(
        {
            "orders": _order_answer().dump(page, many=True),
            "nextCursor": write_cursor(page[-1].id) if len(found) > limit else None,
        }
    )


@endpoint(
    orders,
    "GET",
    "/<order:order_id>",
    {200: OrderAnswer},
    problems=READ_PROBLEMS,
    security=BEARER_OR_NONE,
)
def read(order_id: str) -> Response:
    """Read an order."""
    order = components().submission.find(parse_uuid(order_id), current_caller())
    return answer(_order_answer().dump(order), headers=_etag(order))


@endpoint(
    orders,
    "GET",
    "/by-client-id/<client_order_id>",
    {200: OrderAnswer},
    problems=READ_PROBLEMS,
    security=BEARER_OR_NONE,
)
def read_by_client_id(client_order_id: str) -> Response:
    """Read the order of a clientOrderId."""
    order = components().submission.find_by_client_id(client_order_id, current_caller())
    return answer(_order_answer().dump(order))


@endpoint(
    orders,
    "GET",
    "/status/<order:order_id>",
    {200: StatusAnswer},
    problems=READ_PROBLEMS,
    security=BEARER_OR_NONE,
)
def read_status(order_id: str) -> Response:
    """Read where an order stands."""
    order = components().submission.find(parse_uuid(order_id), current_caller())
    return answer(STATUS.dump(order))


@endpoint(
    orders,
    "GET",
    "/<order:order_id>/history",
    {200: HistoryAnswer},
    query=HistoryQuery,
    problems=("validation_failed", *READ_PROBLEMS),
    security=BEARER_OR_NONE,
)
def history(order_id: str) -> Response:
    """Read every step of an order."""
    after = read_query(HISTORY_QUERY)["after_sequence"]
    with connection():
        order = components().submission.find(parse_uuid(order_id), current_caller())
        events = read_history(order.id, after)
    # Read after the order: it may hold events that the record does not show yet.
    status = events[-1].status if events else order.status
    return answer({"orderId": str(order.id), "status": status, "history": messages(events)})


@endpoint(
    orders,
    "PATCH",
    "/<order:order_id>",
    {200: OrderAnswer},
    body=AmendRequest,
    problems=(
        *READ_PROBLEMS,
        "not_amendable",
        "order_changed",
        "insufficient_funds",
        "rate_limited",
    ),
    parameters=(IF_MATCH,),
    headers={"ETag": "The order's sequence, in quotes."},
    security=BEARER_OR_NONE,
    example={"limitPrice": 210.5},
)
def amend(order_id: str) -> Response:
    """Amend the terms of an open order."""
    terms = read_body(AMEND_REQUEST)
    if not terms:
        raise ValidationFailed({}, NO_TERMS)
    order = components().amendment(parse_uuid(order_id), current_caller(), terms, _is_expected)
    return answer(_order_answer().dump(order), headers=_etag(order))


@endpoint(
    orders,
    "DELETE",
    "/<order:order_id>",
    {200: OrderAnswer},
    problems=(*READ_PROBLEMS, "not_cancellable", "cross_site_request"),
    security=BEARER_OR_NONE,
)
def cancel(order_id: str) -> Response:
    """Cancel an order that is pending or open."""
    caller = current_caller()
    if caller.account_id is None:
        refuse_cross_site()  # Browsers send no token unasked.
    order = components().submission.cancel(parse_uuid(order_id), caller)
    return answer(_order_answer().dump(order))


@endpoint(
    orders,
    "POST",
    "/<order:order_id>/cancel",
    {200: OrderAnswer},
    problems=(*READ_PROBLEMS, "not_cancellable", "cross_site_request"),
    security=BEARER_OR_NONE,
)
def cancel_by_post(order_id: str) -> Response:
    """Cancel an order; the same as DELETE."""
    return cancel(order_id)


def _place(caller: Caller) -> Response:
    key = idempotency_key()
    fields = read_body(ORDER_REQUEST)
    dry_run = fields.pop("dry_run")
    scenario = requested_scenario(fields, caller)
    new = order_request(fields, caller, scenario)
    if dry_run:
        return answer(preview(new, caller))
    refuse_once(scenario, caller, key)
    placed = components().submission.place(new, caller, key)
    if not placed.replayed:
        hold_back(scenario)
    headers = {"Location": f"/api/orders/{placed.order_id}"}
    return accepted(present_receipt(placed), headers, placed.replayed)


def _is_expected(sequence: int) -> bool:
    """Whether If-Match names the order's sequence; True without that header."""
    if "If-Match" not in request.headers:
        return True
    return request.if_match.contains(str(sequence))


def _etag(order: Order) -> dict[str, str]:
    return {"ETag": f'"{order.sequence}"'}


def write_cursor(order_id: UUID) -> str:
    """Writes the cursor of the place after this order."""
    return base64.urlsafe_b64encode(order_id.bytes).rstrip(b"=").decode()


def read_cursor(text: str | None) -> UUID | None:
    """Reads the order that a cursor stands for. Raises `ValidationFailed`."""
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        return UUID(bytes=raw)
    except (binascii.Error, ValueError):
        raise ValidationFailed({"cursor": ["Is not one that this service gave out."]}) from None


def _order_answer() -> OrderAnswer:
    return order_answer(components().registry, components().valuation)
