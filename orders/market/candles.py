"""Candles, computed from prices that are known for every moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from orders.domain.clock import EPOCH
from orders.market.moves import Timeline
from orders.market.tokens import Token

SAMPLES = 16
_REMEMBERED = 20_000

PriceAt = Callable[[Token, Token, datetime], Decimal]


@dataclass(frozen=True, slots=True)
class Candle:
    """The prices of one interval that begins at `time`; tokenOut per 1 tokenIn."""

    time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    """What candles are computed from: a pair, and the time since which both tokens have a pool."""

    token_in: Token
    token_out: Token
    opens: datetime
    interval: timedelta
    moves: tuple[Timeline, ...] = ()
    """The moves that its prices depend on."""


class Candles:
    """Computes candles from `price_at` and remembers those that are complete."""

    def __init__(self, price_at: PriceAt) -> None:
        self._price_at = price_at
        self._complete = lru_cache(maxsize=_REMEMBERED)(self._draw)

    def draw(self, chart: Chart, start: datetime, end: datetime, now: datetime) -> list[Candle]:
        """The aligned candles from the one that holds `start` to the last that begins before `end`.

        None lies in the future, and the running one closes at `now`. Each closes where the next
        one opens.
        """
        if chart.opens > now:
            return []
        candles = []
        bucket = EPOCH + (max(start, chart.opens) - EPOCH) // chart.interval * chart.interval
        while bucket < end and bucket <= now:
            complete = bucket + chart.interval <= now
            candles.append(
                self._complete(chart, bucket) if complete else self._draw(chart, bucket, now)
            )
            bucket += chart.interval
        return candles

    def _draw(self, chart: Chart, bucket: datetime, now: datetime | None = None) -> Candle:
        first, last = max(bucket, chart.opens), now or bucket + chart.interval
        marks = (bucket + chart.interval * step / SAMPLES for step in range(1, SAMPLES))
        times = [first, *(mark for mark in marks if first < mark < last), last]
        prices = [self._price_at(chart.token_in, chart.token_out, at) for at in times]
        return Candle(bucket, prices[0], max(prices), min(prices), prices[-1])
