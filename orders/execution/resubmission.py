"""Placing a failed order again, as a new order; the failed one stays as it is."""

from __future__ import annotations

from orders.domain.caller import Caller
from orders.domain.errors import NotRetryable
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.submission import Receipt, Submission
from orders.storage.models import Order

KEY_PREFIX = "retry of "


def resubmit(submission: Submission, order: Order) -> Receipt:
    """Places a new order with the terms of a failed one, for the same owner.

    It has no scenario, client's id or group, and a resting order gets the default expiry. Repeated
    calls return the same new order, because of the idempotency key that this uses. Raises
    `NotRetryable` unless the order has failed and is no wallet's, and what `Submission.place`
    raises.
    """
    if order.status != Status.FAILED:
        raise NotRetryable(f"The order is {order.status}; only failed orders can be placed again.")
    if order.account_id is None and order.wallet is not None:
        raise NotRetryable("A wallet signed the order; only the wallet can place it again.")
    again = OrderRequest(
        type=OrderType(order.type),
        token_in=order.token_in,
        token_out=order.token_out,
        amount_in=order.amount_in,
        max_slippage_bps=order.max_slippage_bps,
        side=order.side,
        user_id=order.user_id,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        min_liquidity=order.min_liquidity,
    )
    return submission.place(again, Caller(order.account_id), f"{KEY_PREFIX}{order.id}")
