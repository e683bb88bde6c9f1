"""Requests about orders: to place, amend, list and select them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, validates_schema

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
from orders.api.swap_fields import (
    DEFAULT_SLIPPAGE_BPS,
    MAX_PRICE,
    MAX_SLIPPAGE_BPS,
    NONE,
    amount,
    price,
    token,
)
from orders.domain.caller import Caller
from orders.domain.errors import ValidationFailed
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import CONDITIONS, RULES, OrderType
from orders.market.scenarios.reading import MAX_TEXT

OWN_FIELDS = {condition.name: kind for kind, condition in CONDITIONS.items()}
"""Fields that only one order type has: field -> type."""
RESTING_FIELDS = ("expiresAt", "ocoGroup")


class NewOrderRequest(RequestSchema):
    """A swap order. The swap always spends exactly amountIn of tokenIn."""

    type = OneOf(tuple(OrderType), load_default=OrderType.MARKET)
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
    type = OneOf(tuple(OrderType))
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
