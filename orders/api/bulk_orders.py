"""Many orders at once, named by the filters of the list."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.cross_site import refuse_cross_site
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.order_filters import order_filter
from orders.api.order_schemas import CancelledAnswer, OrderFilterQuery, StatusAnswer
from orders.api.requests import answer, read_query

bulk_orders = Blueprint(
    "bulk orders", __name__, url_prefix="/api", description="Many orders at once."
)

FILTER_QUERY = OrderFilterQuery()
STATUS = StatusAnswer()


@endpoint(
    bulk_orders,
    "POST",
    "/orders/cancel-all",
    {200: CancelledAnswer},
    query=OrderFilterQuery,
    problems=(
        "validation_failed",
        "unknown_token",
        "unauthenticated",
        "cross_site_request",
        "store_unavailable",
    ),
    security=BEARER_OR_NONE,
)
def cancel_all() -> Response:
    """Cancel all pending and open orders that the filters name; without filters, all."""
    caller = current_caller()
    if caller.account_id is None:
        refuse_cross_site()  # With a token browsers ask before they send.
    result = components().cancel_all(caller, order_filter(read_query(FILTER_QUERY)))
    return answer(
        {
            "cancelled": [str(order_id) for order_id in result.cancelled],
            "notCancelled": STATUS.dump(result.not_cancelled, many=True),
            "more": result.more,
        }
    )
