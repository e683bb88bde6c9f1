"""Schemas of requests and answers about the market."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import fields

from orders.api.answers import Answer, moment, nested, number, text, whole
from orders.api.fields import ExactDecimal, Moment, OneOf, Text, WholeNumber
from orders.api.requests import RequestSchema
from orders.api.swap_fields import (
    DEFAULT_SLIPPAGE_BPS,
    MAX_PRICE,
    MAX_SLIPPAGE_BPS,
    NONE,
    amount,
    token,
)
from orders.market.best_prices import PriceKind

INTERVALS_S = {
    "1s": 1,
    "5s": 5,
    "15s": 15,
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "1h": 3_600,
    "4h": 14_400,
    "1d": 86_400,
}
MAX_LIQUIDITY = Decimal(10) ** 15


def price_kind() -> OneOf:
    """Which of a pair's prices is meant."""
    description = (
        "`reference`: the market's; `spot`: the best venue's before its fee, which stop orders "
        "look at; `net`: the best venue's after its fee, which limit orders look at."
    )
    return OneOf(
        tuple(PriceKind), load_default=PriceKind.REFERENCE, metadata={"description": description}
    )


class QuoteQuery(RequestSchema):
    """The swap to quote."""

    token_in = token(required=True)
    token_out = token(required=True, metadata={"examples": ["USDC"]})
    amount_in = amount(required=True, metadata={"examples": ["1.5"]})
    max_slippage_bps = WholeNumber(
        least=0, most=MAX_SLIPPAGE_BPS, text=True, load_default=DEFAULT_SLIPPAGE_BPS
    )


class CandleQuery(RequestSchema):
    """The candles to draw: at most 1,000; without `from` and `to` the latest 300."""

    token_in = token(required=True)
    token_out = token(required=True, metadata={"examples": ["USDC"]})
    interval = OneOf(tuple(INTERVALS_S), load_default="1m")
    price_kind = price_kind()
    start = Moment(data_key="from")
    end = Moment(data_key="to")


class PairQuery(RequestSchema):
    """The pair whose prices are asked for."""

    token_in = token(required=True)
    token_out = token(required=True, metadata={"examples": ["USDC"]})


class MarketTokensQuery(RequestSchema):
    """Which tokens to list: at most 50."""

    q = Text(
        most=44,
        metadata={"description": "Part of the symbol or name, or the beginning of the mint."},
    )
    limit = WholeNumber(least=1, most=50, text=True, load_default=50)


class LaunchesQuery(RequestSchema):
    """Which launches to list."""

    q = Text(
        most=44,
        metadata={"description": "Part of the symbol, in any case, or the beginning of the mint."},
    )
    limit = WholeNumber(least=1, most=100, text=True, load_default=50)
    cursor = Text(most=160, metadata={"description": "nextCursor of the page before."})


class LaunchRequest(RequestSchema):
    """A token whose pool opens at a set time."""

    symbol = Text(
        least=2,
        most=12,
        required=True,
        metadata={"pattern": "^[A-Za-z0-9]+$", "examples": ["ROCKET"]},
    )
    mint = Text(
        least=32,
        most=44,
        required=True,
        metadata={"description": "A Solana address: 32 bytes in base58."},
    )
    decimals = WholeNumber(least=0, most=9, load_default=6)
    price_usd = ExactDecimal(least=NONE, most=MAX_PRICE, above=True, required=True)
    liquidity_usd = ExactDecimal(least=NONE, most=MAX_LIQUIDITY, above=True, required=True)
    live_at = Moment(metadata={"description": "When its pool opens; default now."})


class VenueAnswer(Answer):
    """A venue that swaps are routed to."""

    dex = text("Its name in quotes and orders.", attribute="name")


class VenuesAnswer(Answer):
    """All venues."""

    venues = nested(VenueAnswer, many=True)


class QuoteAnswer(Answer):
    """One venue's quote."""

    dex = text()
    price = number("Spot price, tokenOut per 1 tokenIn.")
    fee_bps = whole()
    price_impact = number("A fraction.")
    amount_out = number()
    min_amount_out = number()


class QuotesAnswer(Answer):
    """The quotes of all venues, and the best of them."""

    token_in = text()
    token_out = text()
    amount_in = number()
    max_slippage_bps = whole()
    quotes = nested(QuoteAnswer, many=True)
    best = nested(QuoteAnswer)
    errors = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    message = text()
    quoted_at = moment()


class TokenAnswer(Answer):
    """A token that can be traded now or once it is launched."""

    symbol = text()
    mint = text()
    name = text()
    decimals = whole()
    launched = fields.Boolean(required=True)
    live_at = moment(nullable=True)


class TokensAnswer(Answer):
    """All tokens."""

    tokens = nested(TokenAnswer, many=True)


class PairPricesAnswer(Answer):
    """What a pair costs now: tokenOut per 1 tokenIn."""

    token_in = text()
    token_out = text()
    reference = number("The reference price; venues quote around it.")
    spot = number("The best venue's before its fee: stop orders trigger at or below their price.")
    net = number("The best venue's after its fee, for small amounts: no limit above it fills.")
    liquidity_usd = number("What the deepest pool holds, both sides together.")
    token_in_usd = number("USD per 1 tokenIn.")
    token_out_usd = number("USD per 1 tokenOut.")
    at = moment()


class MarketTokenAnswer(Answer):
    """A token with what it costs; prices are null before its launch."""

    symbol = text()
    mint = text()
    name = text()
    decimals = whole()
    price_usd = number(nullable=True)
    change24h_percent = number("Null for what had no price then.", nullable=True)
    sparkline = fields.List(
        fields.Raw(metadata={"type": "number"}),
        required=True,
        metadata={"description": "USD prices of the last 24 hours, oldest first."},
    )


class MarketTokensAnswer(Answer):
    """The tokens found, in the order of `/api/tokens`."""

    tokens = nested(MarketTokenAnswer, many=True)


class CandleAnswer(Answer):
    """Prices of one interval."""

    time = moment("When the interval begins.")
    open = number()
    high = number()
    low = number()
    close = number()


class CandlesAnswer(Answer):
    """Candles of one of a pair's prices, oldest first."""

    token_in = text()
    token_out = text()
    interval = text()
    price_kind = text(enum=list(PriceKind))
    candles = nested(CandleAnswer, many=True)


class LaunchAnswer(Answer):
    """A scheduled token launch."""

    symbol = text(attribute="token.symbol")
    mint = text(attribute="token.mint")
    decimals = whole(attribute="token.decimals")
    price_usd = number()
    liquidity_usd = number()
    live_at = moment()


class LaunchesAnswer(Answer):
    """One page of launches: the next to open first, then those that have opened, newest first."""

    launches = nested(LaunchAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)
