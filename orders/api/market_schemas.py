"""What is asked and answered about the market."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import fields

from orders.api.answers import Answer, moment, nested, number, text, whole
from orders.api.fields import ExactDecimal, Moment, OneOf, Text, WholeNumber
from orders.api.order_schemas import (
    DEFAULT_SLIPPAGE_BPS,
    MAX_PRICE,
    MAX_SLIPPAGE_BPS,
    NONE,
    amount,
    token,
)
from orders.api.requests import RequestSchema

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
    start = Moment(data_key="from")
    end = Moment(data_key="to")


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
    """What one venue offers."""

    dex = text()
    price = number("Spot price, tokenOut per 1 tokenIn.")
    fee_bps = whole()
    price_impact = number("A fraction.")
    amount_out = number()
    min_amount_out = number()


class QuotesAnswer(Answer):
    """What each venue offers, and what an order would do."""

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
    """A token that can be traded, or will be."""

    symbol = text()
    mint = text()
    name = text()
    decimals = whole()
    launched = fields.Boolean(required=True)
    live_at = moment(nullable=True)


class TokensAnswer(Answer):
    """All tokens."""

    tokens = nested(TokenAnswer, many=True)


class CandleAnswer(Answer):
    """Prices of one interval."""

    time = moment("When the interval begins.")
    open = number()
    high = number()
    low = number()
    close = number()


class CandlesAnswer(Answer):
    """Candles of a pair's reference price, oldest first."""

    token_in = text()
    token_out = text()
    interval = text()
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
