"""Answers about orders."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from marshmallow import fields

from orders.accounts.portfolio import usd
from orders.accounts.valuation import Valuation
from orders.api.answers import Answer, identifier, moment, nested, number, status, text, whole
from orders.domain.explorer import explorer_url
from orders.domain.lifecycle import Status
from orders.domain.order_type import OrderType
from orders.market.tokens import TokenRegistry
from orders.storage.models import Order


class PlacedAnswer(Answer):
    """An order that is stored durably."""

    success = fields.Boolean(required=True)
    order_id = identifier()
    status = status()
    type = text(enum=list(OrderType))
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
    type = text(enum=list(OrderType))
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
