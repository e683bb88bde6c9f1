"""Current prices of pairs and tokens."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from orders.api.context import components
from orders.api.endpoints import endpoint
from orders.api.market_schemas import (
    MarketTokensAnswer,
    MarketTokensQuery,
    PairPricesAnswer,
    PairQuery,
)
from orders.api.requests import answer, read_query
from orders.market.price_history import last_day
from orders.market.tokens import Token

market_prices = Blueprint(
    "market_prices", __name__, url_prefix="/api/market", description="What things cost."
)

PAIR_QUERY = PairQuery()
TOKENS_QUERY = MarketTokensQuery()
PROBLEMS = ("validation_failed", "unknown_token", "same_token", "pool_not_found")


@endpoint(
    market_prices, "GET", "/prices", {200: PairPricesAnswer}, query=PairQuery, problems=PROBLEMS
)
def prices() -> Response:
    """Read a pair's current prices, also those that resting orders are compared with."""
    query = read_query(PAIR_QUERY)
    token_in, token_out = components().registry.resolve_pair(query["token_in"], query["token_out"])
    now = components().clock.now()
    best = components().pair_prices.best(token_in, token_out, now)
    market = components().market
    return answer(
        {
            "tokenIn": token_in.symbol,
            "tokenOut": token_out.symbol,
            "reference": market.reference_price(token_in, token_out, now),
            "spot": best.spot,
            "net": best.net,
            "liquidityUsd": best.liquidity_usd,
            "tokenInUsd": market.price_usd(token_in, now),
            "tokenOutUsd": market.price_usd(token_out, now),
            "at": now,
        }
    )


@endpoint(
    market_prices,
    "GET",
    "/tokens",
    {200: MarketTokensAnswer},
    query=MarketTokensQuery,
    problems=("validation_failed",),
)
def market_tokens() -> Response:
    """Find tokens, with their price and its change over 24 hours."""
    query = read_query(TOKENS_QUERY)
    components().launches.newest()
    wanted = query.get("q", "")
    found = [token for token in components().registry.all() if _matches(token, wanted)]
    now = components().clock.now()
    presented = []
    for token in found[: query["limit"]]:
        presented.append(_present(token, now))
        time.sleep(0)  # Lets other requests run.
    return answer({"tokens": presented})


def _matches(token: Token, wanted: str) -> bool:
    lowered = wanted.lower()
    return (
        lowered in token.symbol.lower()
        or lowered in token.name.lower()
        or token.mint.startswith(wanted)
    )


def _present(token: Token, now: datetime) -> dict[str, Any]:
    history = last_day(components().market, token, now)
    return {
        "symbol": token.symbol,
        "mint": token.mint,
        "name": token.name,
        "decimals": token.decimals,
        "priceUsd": history.now,
        "change24hPercent": history.change_percent,
        "sparkline": list(history.prices),
    }
