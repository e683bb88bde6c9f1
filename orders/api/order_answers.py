"""Schemas of requests and answers about orders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validates_schema

from orders.accounts.portfolio import usd
from orders.accounts.valuation import Valuation
from orders.api.answers import Answer, identifier, moment, nested, number, status, text, whole
from orders.api.fields import (
    ClientOrderIdText,
    ExactDecimal,
    Flag,
    Moment,
    OneOf,
    Text,
    UuidText,
    WholeNumber,
)
from orders.api.requests import RequestSchema
from orders.domain.caller import Caller
from orders.domain.errors import ValidationFailed
from orders.domain.explorer import explorer_url
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import CONDITIONS, RULES, OrderType
from orders.execution.submission import MAX_AMOUNT
from orders.market.scenarios.reading import MAX_TEXT
from orders.market.tokens import TokenRegistry
from orders.storage.models import Order

ORDER_TYPES = tuple(OrderType)
OWN_FIELDS = {condition.name: kind for kind, condition in CONDITIONS.items()}
"""Fields that only one order type has: field -> type."""
RESTING_FIELDS = ("expiresAt", "ocoGroup")
MAX_PRICE = Decimal(10) ** 18
MAX_SLIPPAGE_BPS = 10_000
DEFAULT_SLIPPAGE_BPS = 100
NONE = Decimal(0)


def token(**kwargs: Any) -> Text:
    """A token's symbol in any case, or its mint address."""
    doc = {"description": "Symbol, in any case, or mint address.", "examples": ["SOL"]}
    return Text(most=44, metadata=doc | kwargs.pop("metadata", {}), **kwargs)


def amount(**kwargs: Any) -> ExactDecimal:
    """An amount of a token, in human units."""
    return ExactDecimal(least=NONE, most=MAX_AMOUNT, above=True, **kwargs)


def price(description: str) -> ExactDecimal:
    """A price: tokenOut per 1 tokenIn."""
    return ExactDecimal(
        least=NONE, most=MAX_PRICE, above=True, metadata={"description": description}
    )


class NewOrderRequest(RequestSchema):
    """A swap order. The swap always spends exactly amountIn of tokenIn."""

    type = OneOf(ORDER_TYPES, load_default=OrderType.MARKET)
    side = OneOf(("buy", "sell"), metadata={"description": "Stored and echoed, nothing else."})
    token_in = token(required=True)
    token_out = token(required=True, metadata={"examples": ["USDC"]})
    amount_in = amount(
        metadata={"description": "Amount of tokenIn to spend; required, unless as `amount`."}
    )
    amount = amount(metadata={"description": "Another name of amountIn."})
    max_slippage_bps = WholeNumber(
        least=0, most=MAX_SLIPPAGE_BPS, metadata={"description": "Basis points; default 100."}
    )
    slippage = ExactDecimal(
        least=NONE,
        most=Decimal(1),
        metadata={"description": "maxSlippageBps as a fraction: 0.01 is 100 basis points."},
    )
    user_id = Text(most=64, metadata={"description": "Free label of an anonymous order."})
    limit_price = price("limit orders only, required: the order never fills below it.")
    stop_price = price("stop orders only, required: the order triggers at or below it.")
    min_liquidity = ExactDecimal(
        least=NONE,
        most=MAX_PRICE,
        metadata={"description": "sniper orders only: USD the pool must hold; default 0."},
    )
    expires_at = Moment(metadata={"description": "Resting orders only; default 7 days ahead."})
    oco_group = UuidText(
        metadata={"description": "Resting orders only: one triggers, the others are cancelled."}
    )
    scenario = Text(
        most=MAX_TEXT,
        metadata={"description": "A failure on demand, see /api/scenarios.", "examples": ["fills"]},
    )
    client_order_id = ClientOrderIdText(
        metadata={"description": "Your own id of the order: it can be used once, for ever."}
    )
    dry_run = Flag(
        load_default=False,
        metadata={"description": "Say what would happen, and store nothing."},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_together(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Checks what concerns more than one field."""
        if not isinstance(original, dict):  # One of several that is no order at all.
            return
        errors = _alias_errors(data, original) | _type_errors(data, original)
        if errors:
            raise ValidationError(errors)


def order_request(
    data: dict[str, Any], caller: Caller, scenario: str | None = None
) -> OrderRequest:
    """The order that a valid request asks for, with an admitted scenario. Raises
    `ValidationFailed`."""
    fields = dict(data)
    spelled = fields.pop("amount", None)
    fields.setdefault("amount_in", spelled)
    fraction = fields.pop("slippage", None)
    default = DEFAULT_SLIPPAGE_BPS if fraction is None else int(fraction * MAX_SLIPPAGE_BPS)
    fields.setdefault("max_slippage_bps", default)
    fields["type"] = OrderType(fields["type"])
    condition = RULES[fields["type"]].condition
    if condition is not None and condition.default is not None:
        fields.setdefault(condition.column, condition.default)
    if caller.account_id is not None:
        _check_label(fields.pop("user_id", None), caller.account_id)
    return OrderRequest(**fields, scenario=scenario)


def _check_label(user_id: str | None, account_id: UUID) -> None:
    if user_id not in (None, str(account_id)):
        raise ValidationFailed({"userId": ["Must be absent or the id of the account."]})


def _alias_errors(data: dict[str, Any], original: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if "amountIn" not in original and "amount" not in original:
        errors["amountIn"] = ["This field is required."]
    if _differ(data, "amount_in", "amount", lambda value: value):
        errors["amount"] = ["Differs from amountIn, which means the same."]
    slippage = data.get("slippage")
    if slippage is not None and (slippage * MAX_SLIPPAGE_BPS) % 1:
        errors["slippage"] = ["Must be a whole number of basis points (multiples of 0.0001)."]
    elif _differ(data, "max_slippage_bps", "slippage", lambda value: value * MAX_SLIPPAGE_BPS):
        errors["slippage"] = ["Differs from maxSlippageBps, which means the same."]
    return errors


def _differ(
    data: dict[str, Any], name: str, alias: str, convert: Callable[[Decimal], Decimal]
) -> bool:
    return name in data and alias in data and data[name] != convert(data[alias])


def _type_errors(data: dict[str, Any], original: dict[str, Any]) -> dict[str, list[str]]:
    if "type" not in data:
        return {}
    order_type = OrderType(data["type"])
    condition = RULES[order_type].condition
    errors = {
        name: [f"Only {owner} orders have it."]
        for name, owner in OWN_FIELDS.items()
        if name in original and owner != order_type
    }
    if condition is None:
        errors |= {
            name: [f"{order_type.capitalize()} orders don't rest."]
            for name in RESTING_FIELDS
            if name in original
        }
    elif condition.default is None and condition.name not in original:
        errors[condition.name] = [f"A {order_type} order needs it."]
    return errors


class AmendRequest(RequestSchema):
    """New terms of an open order; what is left out stays."""

    amount_in = amount()
    max_slippage_bps = WholeNumber(least=0, most=MAX_SLIPPAGE_BPS)
    limit_price = price("limit orders only.")
    stop_price = price("stop orders only.")
    min_liquidity = ExactDecimal(
        least=NONE, most=MAX_PRICE, metadata={"description": "sniper orders only: USD."}
    )
    expires_at = Moment()


class HistoryQuery(RequestSchema):
    """Which part of the history to return."""

    after_sequence = WholeNumber(
        least=0,
        most=2**31 - 1,
        text=True,
        load_default=0,
        metadata={"description": "Only events after this one."},
    )


class OrderFilterQuery(RequestSchema):
    """Which orders to select: those that every given filter matches."""

    status = Text(
        most=100,
        metadata={
            "description": f"Statuses, separated by commas: {', '.join(Status)}.",
            "examples": ["pending,open"],
        },
    )
    type = OneOf(ORDER_TYPES)
    token_in = token()
    token_out = token(metadata={"examples": ["USDC"]})
    oco_group = UuidText(metadata={"description": "Only the orders of this group."})
    client_order_id = ClientOrderIdText(metadata={"description": "Only the order of this id."})
    user_id = Text(most=64, metadata={"description": "Only orders with this userId."})
    placed_from = Moment(data_key="from", metadata={"description": "Placed then or later."})
    placed_to = Moment(data_key="to", metadata={"description": "Placed before then."})


class ListQuery(OrderFilterQuery):
    """Which orders to list."""

    limit = WholeNumber(least=1, most=100, text=True, load_default=50)
    cursor = Text(most=64, metadata={"description": "nextCursor of the page before."})


class PlacedAnswer(Answer):
    """An order that is stored durably."""

    success = fields.Boolean(required=True)
    order_id = identifier()
    status = status()
    type = text(enum=list(ORDER_TYPES))
    websocket_url = text("Path of a WebSocket with the order's events.")


class CancelledByAnswer(Answer):
    """Who or what cancelled an order."""

    reason = text(enum=["user", "oco_triggered", "reset"])
    by = text("The order of its group that triggered.", nullable=True, format="uuid")


class OrderAnswer(Answer):
    """The record of one order; null for what is not known yet."""

    order_id = identifier(attribute="id")
    client_order_id = text("The client's own.", nullable=True)
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
    wallet = text("Whose money it spends; null for an anonymous order.", nullable=True)
    funded = fields.Boolean(
        required=True,
        metadata={"description": "Whether it spends and receives money of its wallet."},
    )
    scenario = text("The failure on demand it was placed with.", nullable=True)
    status = status()
    sequence = whole("The latest event's.")
    attempts = whole()
    dex_used = text(nullable=True)
    amount_out = number(nullable=True)
    amount_in_usd = number("USD value of `amountIn` at the time of the fill.", nullable=True)
    amount_out_usd = number("USD value of `amountOut` at the time of the fill.", nullable=True)
    min_amount_out = number(nullable=True)
    executed_price = number("amountOut / amountIn.", nullable=True)
    tx_hash = text(nullable=True)
    explorer_url = text(nullable=True)
    fail_code = text(nullable=True)
    fail_reason = text(nullable=True)
    cancelled_by = nested(CancelledByAnswer, nullable=True)
    created_at = moment()
    updated_at = moment()

    def __init__(
        self,
        registry: TokenRegistry | None = None,
        valuation: Valuation | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._registry = registry or TokenRegistry()
        self._valuation = valuation

    def show_user_id(self, order: Order) -> str | UUID | None:
        """The label that came with the order, or its account."""
        return order.user_id or order.account_id

    def show_funded(self, order: Order) -> bool:
        """Whether it is paid from an account's money."""
        return order.hold is not None

    def show_token_in(self, order: Order) -> str:
        """The symbol."""
        return self._name(order.token_in)

    def show_token_out(self, order: Order) -> str:
        """The symbol, or the mint address until the token is launched."""
        return self._name(order.token_out)

    def show_amount_in_usd(self, order: Order) -> Decimal | None:
        """The value of amountIn at the time of the fill."""
        return self._value(order, order.token_in, order.amount_in)

    def show_amount_out_usd(self, order: Order) -> Decimal | None:
        """The value of amountOut at the time of the fill."""
        return self._value(order, order.token_out, order.amount_out)

    def show_explorer_url(self, order: Order) -> str | None:
        """Where an explorer would show the transaction."""
        return explorer_url(order.tx_hash) if order.tx_hash else None

    def show_cancelled_by(self, order: Order) -> dict[str, Any] | None:
        """As its last event says."""
        return {"by": None, **order.cancelled_by} if order.cancelled_by else None

    def _value(self, order: Order, mint: str, amount: Decimal | None) -> Decimal | None:
        if self._valuation is None or amount is None or order.status != Status.CONFIRMED:
            return None
        # A confirmed order does not change any more: its last change is the fill.
        worth = self._valuation.worth(mint, amount, order.updated_at)
        return None if worth is None else usd(worth)

    def _name(self, mint: str) -> str:
        token = self._registry.find(mint)
        return token.symbol if token else mint


@lru_cache(maxsize=8)
def order_answer(registry: TokenRegistry, valuation: Valuation) -> OrderAnswer:
    """The schema that shows this registry's symbols and values fills; made once a process."""
    return OrderAnswer(registry, valuation)


def present_order(order: Order, registry: TokenRegistry, valuation: Valuation) -> dict[str, Any]:
    """The record of an order; null where something is not known yet."""
    presented: dict[str, Any] = order_answer(registry, valuation).dump(order)
    return presented


class StatusAnswer(Answer):
    """An order's status."""

    order_id = identifier(attribute="id")
    status = status()
    updated_at = moment()


class CancelledAnswer(Answer):
    """The orders that were cancelled, newest first, and those that could not be."""

    cancelled = fields.List(fields.String(metadata={"format": "uuid"}), required=True)
    not_cancelled = nested(StatusAnswer, many=True)
    more = fields.Boolean(
        required=True,
        metadata={"description": "Orders that can be cancelled are left over: ask again."},
    )


class EventAnswer(Answer):
    """One step of an order."""

    type = text(enum=["status_update"])
    order_id = identifier()
    sequence = whole("Counts from 1, without a gap.")
    status = status()
    timestamp = moment()
    data = fields.Dict(required=True)
    client_order_id = fields.String(
        metadata={"description": "The client's own id of the order, where it gave one."}
    )
    tx_hash = fields.String()
    executed_price = fields.Raw(metadata={"type": "number"})
    dex = fields.String()
    routing = fields.Dict(
        metadata={
            "description": "Venue -> outputAmount, fee, price and priceImpact of its quote; "
            "`selected` names the venue chosen. Of building events."
        }
    )


class HistoryAnswer(Answer):
    """All events of one order."""

    order_id = identifier()
    status = status()
    history = nested(EventAnswer, many=True)


class OrdersAnswer(Answer):
    """One page of orders, newest first."""

    orders = nested(OrderAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)
