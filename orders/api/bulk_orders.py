"""Operations on many orders, chosen by the filters of the list."""

from __future__ import annotations

from flask import Response, current_app
from flask_smorest import Blueprint

from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.cross_site import refuse_cross_site
from orders.api.endpoints import BEARER_OR_NONE, TextAnswer, endpoint
from orders.api.order_answers import CancelledAnswer, StatusAnswer, order_answer
from orders.api.order_export import export_csv
from orders.api.order_filters import order_filter
from orders.api.order_requests import OrderFilterQuery
from orders.api.requests import answer, read_no_body, read_query

bulk_orders = Blueprint(
    "bulk_orders", __name__, url_prefix="/api", description="Many orders at once."
)

FILTER_QUERY = OrderFilterQuery()
STATUS = StatusAnswer()
FILTER_HINT = "Filters go into the query string, such as ?type=limit."


@endpoint(
    bulk_orders,
    "POST",
    "/orders/cancel-all",
    {200: CancelledAnswer},
    query=OrderFilterQuery,
    problems=(
        "malformed_request",
        "validation_failed",
        "unknown_token",
        "request_timeout",
        "payload_too_large",
        "unauthenticated",
        "cross_site_request",
        "rate_limited",
        "store_unavailable",
    ),
    security=BEARER_OR_NONE,
)
def cancel_all() -> Response:
    """Cancel all pending and open orders that the filters name; without filters, all."""
    caller = current_caller()
    if caller.account_id is None:
        refuse_cross_site()  # Browsers send no token unasked.
    read_no_body(FILTER_HINT)  # Filters there would be lost, and everything cancelled.
    result = components().cancel_all(caller, order_filter(read_query(FILTER_QUERY)))
    return answer(
        {
            "cancelled": [str(order_id) for order_id in result.cancelled],
            "notCancelled": STATUS.dump(result.not_cancelled, many=True),
            "more": result.more,
        }
    )


@endpoint(
    bulk_orders,
    "GET",
    "/orders.csv",
    {200: TextAnswer("text/csv", "Orders, newest first, under the names of their record.")},
    query=OrderFilterQuery,
    problems=(
        "validation_failed",
        "unknown_token",
        "unauthenticated",
        "rate_limited",
        "store_unavailable",
    ),
    headers={"Content-Disposition": "Names the file."},
    security=BEARER_OR_NONE,
)
def export() -> Response:
    """Export the orders that the filters name as CSV."""
    caller = current_caller()
    wanted = order_filter(read_query(FILTER_QUERY))
    schema = order_answer(components().registry, components().valuation)
    most = current_app.config["SETTINGS"].export_limit
    lines = export_csv(caller, wanted, most, schema)
    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return Response(lines, headers=headers, content_type="text/csv; charset=utf-8")
