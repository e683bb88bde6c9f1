"""A wallet's limit orders in Jupiter's form: those that rest, and those that have ended."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orders.domain.lifecycle import Status
from orders.market.tokens import Token, TokenRegistry
from orders.solana.jupiter import executions, reading
from orders.solana.jupiter.errors import JupiterError
from orders.solana.jupiter.reading import Fields
from orders.solana.limit_order_book import Placed, Wanted
from orders.solana.limit_orders import LIMIT_ORDERS

PAGE_SIZE = 10
STATES = ("active", "history")
STATUSES = {
    Status.CONFIRMED: "Completed",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Cancelled",
}
"""Status -> Jupiter's name; anything else is open."""


def wanted(fields: Fields, registry: TokenRegistry) -> Wanted:
    """Which orders a client wants to see. Raises `JupiterError`."""
    state = fields.get("orderStatus", "active")
    if state not in STATES:
        raise JupiterError("`orderStatus` must be active or history")
    return Wanted(
        maker=str(reading.address(fields, "user")),
        active=state == "active",
        mint_in=_mint(fields, "inputMint", registry),
        mint_out=_mint(fields, "outputMint", registry),
        failed=reading.flag(fields, "includeFailedTx", default=True),
    )


def present(placed: Placed, registry: TokenRegistry) -> dict[str, Any]:
    """An order in Jupiter's form."""
    order = placed.order
    token_in, token_out = _tokens(placed, registry)
    making, taking = token_in.to_base(order.amount_in), executions.taking_amount(order, token_out)
    filled = order.status == Status.CONFIRMED
    left = (0, 0) if filled else (making, taking)
    return {
        "userPubkey": order.wallet,
        "orderKey": placed.address,
        "inputMint": order.token_in,
        "outputMint": order.token_out,
        **_amount("MakingAmount", token_in, making),
        **_amount("TakingAmount", token_out, taking),
        **_amount("RemainingMakingAmount", token_in, left[0]),
        **_amount("RemainingTakingAmount", token_out, left[1]),
        "slippageBps": str(order.max_slippage_bps),
        "expiredAt": order.expires_at,
        "createdAt": order.created_at,
        "updatedAt": order.updated_at,
        "status": STATUSES.get(Status(order.status), "Open"),
        "openTx": placed.opened_by or "",
        "closeTx": _closed_by(placed),
        "programVersion": str(LIMIT_ORDERS),
        "trades": [_trade(placed, token_in, token_out)] if filled else [],
    }


def _trade(placed: Placed, token_in: Token, token_out: Token) -> dict[str, Any]:
    order = placed.order
    return {
        "orderKey": placed.address,
        "keeper": "",
        "inputMint": order.token_in,
        "outputMint": order.token_out,
        **_amount("InputAmount", token_in, token_in.to_base(order.amount_in)),
        **_amount("OutputAmount", token_out, token_out.to_base(order.amount_out)),
        "feeMint": order.token_out,
        **_amount("FeeAmount", token_out, 0),
        "txId": order.tx_hash,
        "confirmedAt": order.updated_at,
        "action": "Fill",
        "productMeta": None,
    }


def _closed_by(placed: Placed) -> str:
    """The signature of the transaction that ended the order, if one did."""
    if placed.order.status == Status.CANCELLED:
        return placed.cancelled_by or ""
    return placed.order.tx_hash or ""


def _amount(name: str, token: Token, units: int) -> dict[str, str]:
    """An amount in tokens, and as `raw` in base units."""
    exact: Decimal = token.from_base(units)
    return {name[0].lower() + name[1:]: f"{exact:f}", f"raw{name}": str(units)}


def _tokens(placed: Placed, registry: TokenRegistry) -> tuple[Token, Token]:
    token_in = registry.find(placed.order.token_in)
    token_out = registry.find(placed.order.token_out)
    assert token_in is not None
    assert token_out is not None
    return token_in, token_out


def _mint(fields: Fields, name: str, registry: TokenRegistry) -> str | None:
    return reading.token(registry, fields[name]).mint if fields.get(name) else None
