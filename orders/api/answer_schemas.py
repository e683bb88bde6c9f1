"""What the API answers, for its documentation; `orders.api.presenters` and the views write it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from orders.api.naming import CamelCase
from orders.api.order_schemas import ORDER_TYPES
from orders.domain.lifecycle import Status


def number(description: str = "", *, nullable: bool = False) -> fields.Field[Any]:
    """An exact decimal, written digit for digit."""
    metadata: dict[str, Any] = {"type": ["number", "null"] if nullable else "number"}
    if description:
        metadata["description"] = description
    return fields.Raw(required=True, metadata=metadata)


def text(description: str = "", *, nullable: bool = False, **metadata: Any) -> fields.String:
    """A text."""
    if description:
        metadata["description"] = description
    return fields.String(required=True, allow_none=nullable, metadata=metadata)


def whole(description: str = "", *, nullable: bool = False) -> fields.Integer:
    """An integer."""
    metadata = {"description": description} if description else {}
    return fields.Integer(required=True, allow_none=nullable, metadata=metadata)


def moment(description: str = "", *, nullable: bool = False) -> fields.String:
    """A time: ISO 8601, UTC, milliseconds."""
    return text(description, nullable=nullable, format="date-time")


def identifier(*, nullable: bool = False) -> fields.String:
    """A UUID."""
    return text(nullable=nullable, format="uuid")


def status() -> fields.String:
    """Where an order stands."""
    return text(enum=[str(each) for each in Status])


def nested(schema: type[Schema], *, many: bool = False) -> fields.Nested:
    """An object, or a list of them."""
    return fields.Nested(schema, many=many, required=True)


class ProblemAnswer(CamelCase):
    """What went wrong (RFC 9457)."""

    type = text("Links to the code's explanation.", format="uri-reference")
    title = text()
    status = whole("The HTTP status.")
    detail = text("A sentence a person can act on.")
    code = text("Stable; for programs.")
    request_id = text(nullable=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Field -> what is wrong with it."},
    )


class PlacedAnswer(CamelCase):
    """The order is stored, durably."""

    success = fields.Boolean(required=True)
    order_id = identifier()
    status = status()
    type = text(enum=list(ORDER_TYPES))
    websocket_url = text("Path of a WebSocket with the order's events.")


class OrderAnswer(CamelCase):
    """The record of one order; null where something is not known yet."""

    order_id = identifier()
    user_id = text(nullable=True)
    type = text(enum=list(ORDER_TYPES))
    side = text(nullable=True)
    token_in = text()
    token_out = text()
    amount_in = number()
    max_slippage_bps = whole()
    limit_price = number("tokenOut per 1 tokenIn.", nullable=True)
    stop_price = number("tokenOut per 1 tokenIn.", nullable=True)
    min_liquidity = number("USD.", nullable=True)
    expires_at = moment(nullable=True)
    oco_group = identifier(nullable=True)
    status = status()
    sequence = whole("The latest event's.")
    attempts = whole()
    dex_used = text(nullable=True)
    amount_out = number(nullable=True)
    min_amount_out = number(nullable=True)
    executed_price = number("amountOut / amountIn.", nullable=True)
    tx_hash = text(nullable=True)
    explorer_url = text(nullable=True)
    fail_code = text(nullable=True)
    fail_reason = text(nullable=True)
    created_at = moment()
    updated_at = moment()


class StatusAnswer(CamelCase):
    """Where one order stands."""

    order_id = identifier()
    status = status()
    updated_at = moment()


class EventAnswer(CamelCase):
    """One step of an order."""

    type = text(enum=["status_update"])
    order_id = identifier()
    sequence = whole("Counts from 1, without a gap.")
    status = status()
    timestamp = moment()
    data = fields.Dict(required=True)
    tx_hash = fields.String()
    executed_price = fields.Raw(metadata={"type": "number"})
    dex = fields.String()


class HistoryAnswer(CamelCase):
    """The audit trail of one order."""

    order_id = identifier()
    status = status()
    history = nested(EventAnswer, many=True)


class OrdersAnswer(CamelCase):
    """One page of orders, newest first."""

    orders = nested(OrderAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)


class QuoteAnswer(CamelCase):
    """What one venue offers."""

    dex = text()
    price = number("Spot price, tokenOut per 1 tokenIn.")
    fee_bps = whole()
    price_impact = number("A fraction.")
    amount_out = number()
    min_amount_out = number()


class QuotesAnswer(CamelCase):
    """What each venue offers, and what an order would do."""

    token_in = text()
    token_out = text()
    amount_in = number()
    max_slippage_bps = whole()
    quotes = nested(QuoteAnswer, many=True)
    best = nested(QuoteAnswer)
    errors = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    message = text()
    quoted_at = moment()


class TokenAnswer(CamelCase):
    """A token that can be traded, or will be."""

    symbol = text()
    mint = text()
    name = text()
    decimals = whole()
    launched = fields.Boolean(required=True)
    live_at = moment(nullable=True)


class TokensAnswer(CamelCase):
    """All tokens."""

    tokens = nested(TokenAnswer, many=True)


class CandleAnswer(CamelCase):
    """Prices of one interval."""

    time = moment("When the interval begins.")
    open = number()
    high = number()
    low = number()
    close = number()


class CandlesAnswer(CamelCase):
    """Candles of a pair's reference price, oldest first."""

    token_in = text()
    token_out = text()
    interval = text()
    candles = nested(CandleAnswer, many=True)


class LaunchAnswer(CamelCase):
    """A scheduled token launch."""

    symbol = text()
    mint = text()
    decimals = whole()
    price_usd = number()
    liquidity_usd = number()
    live_at = moment()


class LaunchesAnswer(CamelCase):
    """All launches, past and to come."""

    launches = nested(LaunchAnswer, many=True)


class UserAnswer(CamelCase):
    """An account."""

    id = identifier()
    email = text()


class MeAnswer(UserAnswer):
    """The caller's account."""

    user = nested(UserAnswer)


class SessionAnswer(CamelCase):
    """An account and a bearer token for it."""

    token = text()
    user = nested(UserAnswer)


class QueueMetricsAnswer(CamelCase):
    """How much waits, runs and has been done."""

    waiting = whole("Orders that wait for a worker.")
    active = whole("Orders that a worker holds.")
    delayed = whole("Orders that wait for their next attempt.")
    completed = whole("Orders confirmed, ever.")
    failed = whole("Orders failed, ever.")
    oldest_waiting_seconds = fields.Float(required=True)
    workers = whole("Worker processes alive; null while Redis is away.", nullable=True)
    throughput_per_minute = whole("Orders confirmed or failed of those placed in the last minute.")
    failures_by_code = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Of the orders placed in the last 15 minutes."},
    )


class HealthAnswer(CamelCase):
    """The process lives."""

    status = text(enum=["ok"])


class DependencyAnswer(CamelCase):
    """A server this one needs."""

    state = text(enum=["up", "down"])
    latency_ms = fields.Float(required=True, allow_none=True)


class DependenciesAnswer(CamelCase):
    """Servers this one needs."""

    postgresql = nested(DependencyAnswer)
    redis = nested(DependencyAnswer)


class ReadinessAnswer(CamelCase):
    """Whether orders can be accepted, and what is up."""

    status = text(enum=["ready", "degraded", "unavailable"])
    dependencies = nested(DependenciesAnswer)
