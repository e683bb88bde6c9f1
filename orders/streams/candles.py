"""The chart of a pair as a live topic: the running candle and the one before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from orders.api.candle_series import CANDLE, CANDLES_AT_ONCE, aligned, draw_series
from orders.api.market_schemas import INTERVALS_S
from orders.market.best_prices import PriceKind
from orders.market.errors import PoolNotFound
from orders.market.tokens import Token
from orders.streams.update import Message
from orders.wiring import Components

CANDLE_PREFIX = "candles:"


class CandleTopic:
    """The candles of one of a pair's prices at one interval.

    Each update has the last two, so a client that gets one late still sees the final form of a
    complete candle.
    """

    event = "candle_update"

    def __init__(
        self,
        components: Components,
        token_in: Token,
        token_out: Token,
        interval: str,
        kind: PriceKind,
    ) -> None:
        self._components = components
        self._token_in = token_in
        self._token_out = token_out
        self._interval = interval
        self._kind = kind
        self._interval_s = INTERVALS_S[interval]
        self._read_up_to: datetime | None = None
        self.key = f"{CANDLE_PREFIX}{token_in.mint}:{token_out.mint}:{interval}:{kind}"

    def read(self) -> Message:
        """The last candles; none before a token's pool opens."""
        now = self._components.clock.now()
        interval = timedelta(seconds=self._interval_s)
        before = aligned(now, self._interval_s) - interval
        start = max(min(before, self._read_up_to or before), before - CANDLES_AT_ONCE * interval)
        try:
            found = self._components.pair_prices.candles(
                self._kind, self._token_in, self._token_out, self._interval_s, start, now
            )
        except PoolNotFound:
            found = []
        self._read_up_to = before
        return self._message(CANDLE.dump(found, many=True))

    def history(self, most: int) -> list[dict[str, Any]]:
        """The latest candles, oldest first. Slow."""
        now = self._components.clock.now()
        earliest = max(now.timestamp() - (most - 1) * self._interval_s, 0)
        start = aligned(datetime.fromtimestamp(earliest, UTC), self._interval_s)
        try:
            return draw_series(
                self._components.pair_prices,
                self._kind,
                self._token_in,
                self._token_out,
                self._interval_s,
                start,
                now,
            )
        except PoolNotFound:
            return []

    def _message(self, candles: list[dict[str, Any]]) -> Message:
        return {
            "type": self.event,
            "tokenIn": self._token_in.symbol,
            "tokenOut": self._token_out.symbol,
            "interval": self._interval,
            "priceKind": self._kind,
            "candles": candles,
        }
