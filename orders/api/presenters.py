"""What clients see of an order: the one place that says which fields, and how they are called."""

from __future__ import annotations

from typing import Any

from orders.domain.explorer import explorer_url
from orders.market.tokens import TokenRegistry
from orders.storage.models import Order


def present_order(order: Order, registry: TokenRegistry) -> dict[str, Any]:
    """The record of an order; null where something is not known yet."""
    return {
        "orderId": str(order.id),
        "userId": order.user_id or (str(order.account_id) if order.account_id else None),
        "type": order.type,
        "side": order.side,
        "tokenIn": token_name(order.token_in, registry),
        "tokenOut": token_name(order.token_out, registry),
        "amountIn": order.amount_in,
        "maxSlippageBps": order.max_slippage_bps,
        "limitPrice": order.limit_price,
        "stopPrice": order.stop_price,
        "minLiquidity": order.min_liquidity,
        "expiresAt": order.expires_at,
        "ocoGroup": str(order.oco_group) if order.oco_group else None,
        "status": order.status,
        "sequence": order.sequence,
        "attempts": order.attempts,
        "dexUsed": order.dex_used,
        "amountOut": order.amount_out,
        "minAmountOut": order.min_amount_out,
        "executedPrice": order.executed_price,
        "txHash": order.tx_hash,
        "explorerUrl": explorer_url(order.tx_hash) if order.tx_hash else None,
        "failCode": order.fail_code,
        "failReason": order.fail_reason,
        "createdAt": order.created_at,
        "updatedAt": order.updated_at,
    }


def token_name(mint: str, registry: TokenRegistry) -> str:
    """The symbol of a token, or its mint address while nobody has launched it."""
    token = registry.find(mint)
    return token.symbol if token else mint
