"""Balances as clients see them: in whole tokens, over HTTP and in live events."""

from __future__ import annotations

from typing import Any

from orders.market.tokens import TokenRegistry
from orders.storage.wallets import Balance


def present_balance(balance: Balance, registry: TokenRegistry) -> dict[str, Any]:
    """A wallet's balance of one token."""
    token = registry.find(balance.mint)
    assert token is not None, "wallets hold what is listed or launched"
    return {
        "token": token.symbol,
        "mint": token.mint,
        "total": token.from_base(balance.total),
        "held": token.from_base(balance.held),
        "available": token.from_base(balance.available),
    }
