"""A series of candles, computed in pieces so that other requests can run between them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from orders.api.market_schemas import CandleAnswer
from orders.market.best_prices import PairPrices, PriceKind
from orders.market.candles import Candle
from orders.market.tokens import Token

MAX_CANDLES = 1000
DEFAULT_CANDLES = 300
CANDLES_AT_ONCE = 25
"""Candles computed before other requests can run."""
CANDLE = CandleAnswer()


def draw_series(
    prices: PairPrices,
    kind: PriceKind,
    token_in: Token,
    token_out: Token,
    interval_s: int,
    start: datetime,
    end: datetime,
) -> list[dict[str, Any]]:
    """The candles that begin in that period, as `CandleAnswer` documents them. Raises
    `PoolNotFound`.
    """
    step = CANDLES_AT_ONCE * timedelta(seconds=interval_s)
    drawn: list[Candle] = []
    while start < end:
        stop = min(start + step, end)
        drawn += prices.candles(kind, token_in, token_out, interval_s, start, stop)
        start = stop
        time.sleep(0)  # Lets other requests run.
    candles: list[dict[str, Any]] = CANDLE.dump(drawn, many=True)
    return candles


def aligned(moment: datetime, interval_s: int) -> datetime:
    """The beginning of the candle that contains a moment."""
    return datetime.fromtimestamp(moment.timestamp() // interval_s * interval_s, moment.tzinfo)
