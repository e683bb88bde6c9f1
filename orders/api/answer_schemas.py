"""What the API answers, for its documentation; `orders.api.records` and the views write it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from orders.api.order_schemas import ORDER_TYPES
from orders.lifecycle import Status


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


class ProblemAnswer(Schema):
    """What went wrong (RFC 9457)."""

    type = text("Links to the code's explanation.", format="uri-reference")
    title = text()
    status = whole("The HTTP status.")
    detail = text("A sentence a person can act on.")
    code = text("Stable; for programs.")
    requestId = text(nullable=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Field -> what is wrong with it."},
    )


class PlacedAnswer(Schema):
    """The order is stored, durably."""

    success = fields.Boolean(required=True)
    orderId = identifier()
    status = status()
    type = text(enum=list(ORDER_TYPES))
    websocketUrl = text("Path of a WebSocket with the order's events.")


class OrderAnswer(Schema):
    """The record of one order; null where something is not known yet."""

    orderId = identifier()
    userId = text(nullable=True)
    type = text(enum=list(ORDER_TYPES))
    side = text(nullable=True)
    tokenIn = text()
    tokenOut = text()
    amountIn = number()
    maxSlippageBps = whole()
    limitPrice = number("tokenOut per 1 tokenIn.", nullable=True)
    stopPrice = number("tokenOut per 1 tokenIn.", nullable=True)
    minLiquidity = number("USD.", nullable=True)
    expiresAt = moment(nullable=True)
    ocoGroup = identifier(nullable=True)
    status = status()
    sequence = whole("The latest event's.")
    attempts = whole()
    dexUsed = text(nullable=True)
    amountOut = number(nullable=True)
    minAmountOut = number(nullable=True)
    executedPrice = number("amountOut / amountIn.", nullable=True)
    txHash = text(nullable=True)
    explorerUrl = text(nullable=True)
    failCode = text(nullable=True)
    failReason = text(nullable=True)
    createdAt = moment()
    updatedAt = moment()


class StatusAnswer(Schema):
    """Where one order stands."""

    orderId = identifier()
    status = status()
    updatedAt = moment()


class EventAnswer(Schema):
    """One step of an order."""

    type = text(enum=["status_update"])
    orderId = identifier()
    sequence = whole("Counts from 1, without a gap.")
    status = status()
    timestamp = moment()
    data = fields.Dict(required=True)
    txHash = fields.String()
    executedPrice = fields.Raw(metadata={"type": "number"})
    dex = fields.String()


class HistoryAnswer(Schema):
    """The audit trail of one order."""

    orderId = identifier()
    status = status()
    history = nested(EventAnswer, many=True)


class OrdersAnswer(Schema):
    """One page of orders, newest first."""

    orders = nested(OrderAnswer, many=True)
    nextCursor = text("For the next page; null on the last one.", nullable=True)


class QuoteAnswer(Schema):
    """What one venue offers."""

    dex = text()
    price = number("Spot price, tokenOut per 1 tokenIn.")
    feeBps = whole()
    priceImpact = number("A fraction.")
    amountOut = number()
    minAmountOut = number()


class QuotesAnswer(Schema):
    """What each venue offers, and what an order would do."""

    tokenIn = text()
    tokenOut = text()
    amountIn = number()
    maxSlippageBps = whole()
    quotes = nested(QuoteAnswer, many=True)
    best = nested(QuoteAnswer)
    errors = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    message = text()
    quotedAt = moment()


class TokenAnswer(Schema):
    """A token that can be traded, or will be."""

    symbol = text()
    mint = text()
    name = text()
    decimals = whole()
    launched = fields.Boolean(required=True)
    liveAt = moment(nullable=True)


class TokensAnswer(Schema):
    """All tokens."""

    tokens = nested(TokenAnswer, many=True)


class CandleAnswer(Schema):
    """Prices of one interval."""

    time = moment("When the interval begins.")
    open = number()
    high = number()
    low = number()
    close = number()


class CandlesAnswer(Schema):
    """Candles of a pair's reference price, oldest first."""

    tokenIn = text()
    tokenOut = text()
    interval = text()
    candles = nested(CandleAnswer, many=True)


class LaunchAnswer(Schema):
    """A scheduled token launch."""

    symbol = text()
    mint = text()
    decimals = whole()
    priceUsd = number()
    liquidityUsd = number()
    liveAt = moment()


class LaunchesAnswer(Schema):
    """All launches, past and to come."""

    launches = nested(LaunchAnswer, many=True)


class UserAnswer(Schema):
    """An account."""

    id = identifier()
    email = text()


class MeAnswer(Schema):
    """The caller's account."""

    user = nested(UserAnswer)


class SessionAnswer(Schema):
    """An account and a bearer token for it."""

    token = text()
    user = nested(UserAnswer)


class QueueMetricsAnswer(Schema):
    """How much waits, runs and has been done."""

    waiting = whole("Orders that wait for a worker.")
    active = whole("Orders that a worker holds.")
    delayed = whole("Orders that wait for their next attempt.")
    completed = whole("Orders confirmed, ever.")
    failed = whole("Orders failed, ever.")
    oldestWaitingSeconds = fields.Float(required=True)
    workers = whole("Worker processes alive; null while Redis is away.", nullable=True)
    throughputPerMinute = whole("Orders confirmed or failed of those placed in the last minute.")
    failuresByCode = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Of the orders placed in the last 15 minutes."},
    )


class HealthAnswer(Schema):
    """The process lives."""

    status = text(enum=["ok"])


class DependencyAnswer(Schema):
    """A server this one needs."""

    state = text(enum=["up", "down"])
    latencyMs = fields.Float(required=True, allow_none=True)


class DependenciesAnswer(Schema):
    """Servers this one needs."""

    postgresql = nested(DependencyAnswer)
    redis = nested(DependencyAnswer)


class ReadinessAnswer(Schema):
    """Whether orders can be accepted, and what is up."""

    status = text(enum=["ready", "degraded", "unavailable"])
    dependencies = nested(DependenciesAnswer)
