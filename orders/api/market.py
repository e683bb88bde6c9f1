"""The market: tokens, quotes, candles and simulated launches."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from orders.api.authentication import current_caller
from orders.api.candle_series import DEFAULT_CANDLES, MAX_CANDLES, aligned, draw_series
from orders.api.context import components
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.market_schemas import (
    INTERVALS_S,
    CandleQuery,
    CandlesAnswer,
    LaunchAnswer,
    LaunchesAnswer,
    LaunchesQuery,
    LaunchRequest,
    QuoteQuery,
    QuotesAnswer,
    TokensAnswer,
    VenueAnswer,
    VenuesAnswer,
)
from orders.api.requests import answer, read_body, read_query
from orders.domain import exact_json
from orders.domain.errors import ValidationFailed
from orders.execution.price_comparison import PriceComparison
from orders.market.best_prices import PriceKind
from orders.market.tokens import TOKENS, Launch, Token, is_mint_address
from orders.storage.launch_listing import Place, list_launches

market = Blueprint("market", __name__, url_prefix="/api", description="Prices and tokens.")

QUOTE_QUERY = QuoteQuery()
CANDLE_QUERY = CandleQuery()
LAUNCHES_QUERY = LaunchesQuery()
LAUNCH_REQUEST = LaunchRequest()
LAUNCH = LaunchAnswer()
VENUE = VenueAnswer()

LATEST_LAUNCH = timedelta(days=365)
EARLIEST_LAUNCH = timedelta(minutes=1)
"""A launch may lie this far in the past: clocks differ."""

PAIR_PROBLEMS = ("validation_failed", "unknown_token", "same_token", "pool_not_found")


@endpoint(market, "GET", "/tokens", {200: TokensAnswer})
def tokens() -> Response:
    """List all tokens, launched or scheduled."""
    components().launches.newest()
    now = components().clock.now()
    listed = [_present_token(token, None, now) for token in TOKENS]
    launched = [_present_token(each.token, each, now) for each in components().registry.launches()]
    return answer({"tokens": listed + launched})


@endpoint(market, "GET", "/venues", {200: VenuesAnswer})
def venues() -> Response:
    """List the venues that swaps are routed to."""
    return answer({"venues": VENUE.dump(components().venues, many=True)})


@endpoint(
    market,
    "GET",
    "/quotes",
    {200: QuotesAnswer},
    query=QuoteQuery,
    problems=(
        *PAIR_PROBLEMS,
        "insufficient_liquidity",
        "no_quote",
        "venue_timeout",
    ),
)
def quotes() -> Response:
    """Compare what the venues offer for a swap."""
    query = read_query(QUOTE_QUERY)
    token_in, token_out = components().registry.resolve_pair(query["token_in"], query["token_out"])
    amount = query["amount_in"]
    try:
        token_in.to_base(amount)
    except ValueError as error:
        raise ValidationFailed({"amountIn": [f"{error}."]}) from None
    comparison = components().price_comparer.compare(
        token_in, token_out, amount, query["max_slippage_bps"]
    )
    return answer(present_quotes(comparison, token_in, token_out, amount))


@endpoint(
    market,
    "GET",
    "/market/candles",
    {200: CandlesAnswer},
    query=CandleQuery,
    problems=PAIR_PROBLEMS,
)
def candles() -> Response:
    """Draw the candles of one of a pair's prices."""
    query = read_query(CANDLE_QUERY)
    token_in, token_out = components().registry.resolve_pair(query["token_in"], query["token_out"])
    interval_s = INTERVALS_S[query["interval"]]
    start, end = _candle_range(query, interval_s)
    kind = PriceKind(query["price_kind"])
    drawn = draw_series(components().pair_prices, kind, token_in, token_out, interval_s, start, end)
    return answer(
        {
            "tokenIn": token_in.symbol,
            "tokenOut": token_out.symbol,
            "interval": query["interval"],
            "priceKind": query["price_kind"],
            "candles": drawn,
        }
    )


@endpoint(
    market,
    "GET",
    "/market/launches",
    {200: LaunchesAnswer},
    query=LaunchesQuery,
    problems=("validation_failed", "store_unavailable"),
)
def launches() -> Response:
    """List the simulated token launches, the next to open first."""
    query = read_query(LAUNCHES_QUERY)
    after = _read_place(query.get("cursor"))
    now = after.now if after else components().clock.now()
    found = list_launches(query.get("q"), query["limit"] + 1, now, after)
    page = found[: query["limit"]]
    return answer(
        {
            "launches": LAUNCH.dump(page, many=True),
            "nextCursor": _write_place(now, page[-1]) if len(found) > len(page) else None,
        }
    )


@endpoint(
    market,
    "POST",
    "/market/launches",
    {201: LaunchAnswer},
    body=LaunchRequest,
    problems=(
        "unauthenticated",
        "launch_conflict",
        "too_many_launches",
        "rate_limited",
        "store_unavailable",
    ),
    security=BEARER_OR_NONE,
    example={
        "symbol": "ROCKET",
        "mint": "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA",
        "priceUsd": 0.01,
        "liquidityUsd": 50_000,
        "liveAt": "2030-01-31T12:00:00Z",
    },
)
def schedule_launch() -> Response:
    """Schedule a simulated token launch, for sniper orders to wait for."""
    current_caller()
    fields = read_body(LAUNCH_REQUEST)
    launch = _new_launch(fields)
    components().launches.schedule(launch)
    return answer(LAUNCH.dump(launch), 201)


def _write_place(now: datetime, launch: Launch) -> str:
    """Writes the cursor of the place after this launch."""
    parts = (now.isoformat(), launch.live_at.isoformat(), launch.token.mint)
    return base64.urlsafe_b64encode(" ".join(parts).encode()).rstrip(b"=").decode()


def _read_place(text: str | None) -> Place | None:
    """Reads the place that a cursor stands for. Raises `ValidationFailed`."""
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        now, live_at, mint = base64.b64decode(padded, b"-_", validate=True).decode().split(" ")
        place = Place(datetime.fromisoformat(now), datetime.fromisoformat(live_at), mint)
        if place.now.tzinfo and place.live_at.tzinfo and is_mint_address(mint):
            return place
    except ValueError:
        pass
    raise ValidationFailed({"cursor": ["Is not one that this service gave out."]})


def _candle_range(query: dict[str, Any], interval_s: int) -> tuple[datetime, datetime]:
    now = components().clock.now()
    end: datetime = query.get("end", now)
    if "start" in query:
        start: datetime = query["start"]
    else:
        earliest = end.timestamp() - DEFAULT_CANDLES * interval_s
        start = datetime.fromtimestamp(max(earliest, 0), UTC)
    if start >= end:
        raise ValidationFailed({"from": ["Must be before `to`."]})
    # Aligned, so that two pieces computed one after the other share no candle.
    first = aligned(start, interval_s)
    if (end - first).total_seconds() / interval_s > MAX_CANDLES + 1:
        raise ValidationFailed(
            {"from": [f"More than {MAX_CANDLES} candles; ask for less or a longer interval."]}
        )
    return first, end


def _new_launch(fields: dict[str, Any]) -> Launch:
    now = components().clock.now()
    live_at = fields.get("live_at", now)
    errors = {}
    if not (fields["symbol"].isascii() and fields["symbol"].isalnum()):
        errors["symbol"] = ["Must have letters and digits only."]
    if not is_mint_address(fields["mint"]):
        errors["mint"] = ["Is not a Solana address (32 bytes in base58)."]
    if not now - EARLIEST_LAUNCH <= live_at <= now + LATEST_LAUNCH:
        errors["liveAt"] = ["Must be in the next 365 days."]
    if errors:
        raise ValidationFailed(errors)
    token = Token(fields["symbol"], fields["mint"], fields["decimals"], fields["symbol"])
    return Launch(token, fields["price_usd"], fields["liquidity_usd"], live_at)


def _present_token(token: Token, launch: Launch | None, now: datetime) -> dict[str, Any]:
    return {
        "symbol": token.symbol,
        "mint": token.mint,
        "name": token.name,
        "decimals": token.decimals,
        "launched": launch is None or launch.live_at <= now,
        "liveAt": launch.live_at if launch else None,
    }


def present_quotes(
    comparison: PriceComparison, token_in: Token, token_out: Token, amount: Decimal
) -> dict[str, Any]:
    """The fields of `QuotesAnswer`."""
    best = comparison.present(comparison.best)
    message = (
        f"You would receive about {exact_json.plain(best['amountOut'])} {token_out.symbol}, "
        f"at least {exact_json.plain(best['minAmountOut'])}. {comparison.reason}"
    )
    return {
        "tokenIn": token_in.symbol,
        "tokenOut": token_out.symbol,
        "amountIn": amount,
        "maxSlippageBps": comparison.max_slippage_bps,
        "quotes": comparison.present_all(),
        "best": best,
        "errors": {dex: str(error) for dex, error in comparison.errors.items()},
        "message": message,
        "quotedAt": comparison.best.quoted_at,
    }
