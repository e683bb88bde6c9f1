"""`/price/v3` and `/tokens/v2`: token prices and the list of tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from flask import Response, request

from orders.api.context import components
from orders.api.requests import answer
from orders.chain.simulated_chain import GENESIS, block_height
from orders.market.errors import DexError, PoolNotFound
from orders.market.tokens import SOL, USDC, Token
from orders.solana.jupiter import reading
from orders.solana.jupiter.errors import JupiterError
from orders.solana.programs import TOKEN

MAX_IDS = 50
MAX_FOUND = 20
DAY = timedelta(days=1)
_CHANGE = Context(prec=6)


def prices() -> Response:
    """USD prices by mint, without unknown mints and those without a pool, as in Jupiter's API."""
    mints = reading.text(request.args, "ids").split(",")
    if len(mints) > MAX_IDS:
        raise JupiterError(f"Too many ids, at most {MAX_IDS} at once")
    now = components().clock.now()
    found = {mint: _price(mint.strip(), now) for mint in mints}
    return answer({mint: price for mint, price in found.items() if price is not None})


def search() -> Response:
    """Tokens by symbol, name or mints separated by commas."""
    query = reading.text(request.args, "query")
    wanted = {word.strip() for word in query.split(",")}
    found = [token for token in components().registry.all() if _matches(token, query, wanted)]
    now = components().clock.now()
    return answer([_present(token, now) for token in found[:MAX_FOUND]])


def _matches(token: Token, query: str, mints: set[str]) -> bool:
    lowered = query.lower()
    return token.mint in mints or lowered in token.symbol.lower() or lowered in token.name.lower()


def _price(mint: str, now: datetime) -> dict[str, Any] | None:
    token = components().registry.find(mint)
    if token is None or token.mint != mint:
        return None
    try:
        usd = components().market.price_usd(token, now)
        liquidity = _liquidity(token, now)
    except DexError:
        return None
    return {
        "usdPrice": usd,
        "liquidity": liquidity,
        "decimals": token.decimals,
        "blockId": block_height(now),
        "priceChange24h": _change(token, usd, now),
        "createdAt": _created_at(token),
    }


def _present(token: Token, now: datetime) -> dict[str, Any]:
    priced = _price(token.mint, now) or {}
    return {
        "id": token.mint,
        "name": token.name,
        "symbol": token.symbol,
        "icon": None,
        "decimals": token.decimals,
        "tokenProgram": str(TOKEN),
        "usdPrice": priced.get("usdPrice"),
        "liquidity": priced.get("liquidity"),
        "priceBlockId": priced.get("blockId"),
        "stats24h": {"priceChange": priced.get("priceChange24h")},
        "isVerified": components().registry.launch_of(token.mint) is None,
        "tags": [],
        "createdAt": _created_at(token),
    }


def _change(token: Token, usd: Decimal, now: datetime) -> Decimal | None:
    """The change in percent over 24 hours; None for a token without a price then."""
    try:
        before = components().market.price_usd(token, now - DAY)
    except PoolNotFound:
        return None
    return _CHANGE.multiply(_CHANGE.divide(usd - before, before), Decimal(100))


def _liquidity(token: Token, now: datetime) -> Decimal:
    """What the deepest pool with USDC holds, as `/api/market/prices` says. Raises `DexError`."""
    other = SOL if token == USDC else USDC
    return components().pair_prices.best(token, other, now).liquidity_usd


def _created_at(token: Token) -> datetime:
    launch = components().registry.launch_of(token.mint)
    return GENESIS if launch is None else launch.live_at
