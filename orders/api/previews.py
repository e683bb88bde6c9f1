"""Dry runs: what an order would do, without placing it."""

from __future__ import annotations

from decimal import Context
from typing import Any

from marshmallow import fields

from orders.api.answers import Answer, moment, status, text
from orders.api.context import components
from orders.api.market import present_quotes
from orders.api.market_schemas import QuotesAnswer
from orders.domain import exact_json
from orders.domain.caller import Caller
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import RULES, OrderType
from orders.execution.price_comparison import executed_price
from orders.market.errors import DexError
from orders.storage.models import Order

ROUNDED = Context(prec=6)
"""For a price in a sentence; the exact one can be told from the quote."""


class PreviewAnswer(Answer):
    """What the order would do; nothing is stored."""

    success = fields.Boolean(required=True)
    dry_run = fields.Boolean(required=True, metadata={"enum": [True]})
    type = text(enum=list(OrderType))
    status = status()
    triggers_now = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Of resting orders: whether the market meets the condition now."},
    )
    expires_at = moment(nullable=True)
    quote = fields.Nested(QuotesAnswer, required=True, allow_none=True)
    message = text("What would happen, in a sentence or two.")


def preview(new: OrderRequest, caller: Caller) -> dict[str, Any]:
    """The fields of `PreviewAnswer`. Raises what placing the order would raise."""
    order = components().submission.preview(new, caller)
    rests = RULES[new.type].rests
    triggers_now = components().triggers.is_met(order) if rests else None
    quote, outlook = _quote(order, runs=triggers_now is not False)
    return {
        "success": True,
        "dryRun": True,
        "type": new.type,
        "status": order.status,
        "triggersNow": triggers_now,
        "expiresAt": order.expires_at,
        "quote": quote,
        "message": _message(order, triggers_now, outlook),
    }


def _quote(order: Order, runs: bool) -> tuple[dict[str, Any] | None, str]:
    """The market's offer for the order now, and a sentence about it."""
    registry = components().registry
    token_in, token_out = registry.find(order.token_in), registry.find(order.token_out)
    if token_in is None or token_out is None:
        return None, "Nobody has launched the token yet."
    try:
        comparison = components().price_comparer.compare(
            token_in,
            token_out,
            order.amount_in,
            order.max_slippage_bps,
            order.limit_price if runs else None,
        )
    except DexError as error:
        return None, f"There is no quote now: {error}"
    presented = present_quotes(comparison, token_in, token_out, order.amount_in)
    if runs:
        return presented, presented["message"]
    price = executed_price(order.amount_in, comparison.best.amount_out_decimal)
    readable = exact_json.plain(ROUNDED.create_decimal(price))
    unit = f"{token_out.symbol} per {token_in.symbol}"
    return presented, f"At the market it would get about {readable} {unit}."


def _message(order: Order, triggers_now: bool | None, outlook: str) -> str:
    if triggers_now is None:
        return outlook
    if triggers_now:
        return f"It would trigger at once. {outlook}"
    condition = RULES[OrderType(order.type)].condition
    assert condition is not None
    wanted = exact_json.plain(getattr(order, condition.column))
    until = exact_json.iso(order.expires_at)
    return f"It would rest until {condition.name} {wanted} is met, at most until {until}. {outlook}"
