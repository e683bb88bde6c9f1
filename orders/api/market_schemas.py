"""The requests about the market: quotes, candles and launches."""

from __future__ import annotations

from decimal import Decimal

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
