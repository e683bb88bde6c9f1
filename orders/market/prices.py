"""The price of everything: a pure function of seed, token, time and moves, in steps of 10 ms.

Processes that share the seed and know the same moves agree on every price, past and present.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache, partial

from orders.domain.clock import EPOCH, Clock, to_microseconds, to_step
from orders.market.candles import Candle, Candles, Chart
from orders.market.errors import PoolNotFound
from orders.market.levels import LAUNCH_SETTLING_S, LAUNCH_VOLATILITY, LEVELS, Level, swing
from orders.market.moves import Frozen, Timeline, moved_price
from orders.market.tokens import Launch, Token, TokenRegistry

PRICE_CONTEXT = Context(prec=12)
_SETTLING_US = LAUNCH_SETTLING_S * 1_000_000
_WHOLE = 10**12

MovesOf = Callable[[str], Timeline]
"""The moves of a mint address; the same timeline until one of them changes."""

_NO_MOVES = Timeline()
_TOKENS_REMEMBERED = 256


def no_moves(_: str) -> Timeline:
    """A market that takes its own course."""
    return _NO_MOVES


class Market:
    """Prices and liquidity of every token the registry knows."""

    def __init__(
        self, seed: str, clock: Clock, registry: TokenRegistry, moves_of: MovesOf = no_moves
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.registry = registry
        self.moves_of = moves_of
        self._candles = Candles(self.reference_price)
        self._frozen = lru_cache(maxsize=_TOKENS_REMEMBERED)(_nothing_frozen)

    def price_usd(self, token: Token, at: datetime | None = None) -> Decimal:
        """USD per 1 token, to 12 significant digits; `at` defaults to now.

        Raises PoolNotFound if the token is unknown or launches later than `at`.
        """
        moment = at or self.clock.now()
        timeline = self.moves_of(token.mint)
        if not timeline.moves:
            return self._unmoved_price(token, moment)
        own = partial(self._unmoved_price, token)
        frozen = self._frozen(timeline, self._moves_behind(token))
        return PRICE_CONTEXT.plus(moved_price(own, timeline, moment, frozen))

    def _unmoved_price(self, token: Token, at: datetime) -> Decimal:
        level = LEVELS.get(token.mint)
        if level is None:
            return self._launched_price(token, at)
        return self._listed_price(token, level, at)

    def _listed_price(self, token: Token, level: Level, at: datetime) -> Decimal:
        price = _own_price(self.seed, token.mint, to_step(at))
        if level.follows is None:
            return price
        return PRICE_CONTEXT.multiply(price, self.price_usd(level.follows, at))

    def _launched_price(self, token: Token, at: datetime) -> Decimal:
        launch = self._open_launch(token, at)
        age_us = min(to_microseconds(at) - to_microseconds(launch.live_at), _SETTLING_US)
        full_swing = swing(self.seed, token.mint, LAUNCH_VOLATILITY, to_step(at))
        return _move(launch.price_usd, full_swing * age_us // _SETTLING_US)

    def _open_launch(self, token: Token, at: datetime) -> Launch:
        launch = self.registry.launch_of(token.mint)
        if launch is None or launch.live_at > at:
            raise PoolNotFound(f"{token.symbol} has no pool yet; wait for its launch.")
        return launch

    def reference_price(
        self, token_in: Token, token_out: Token, at: datetime | None = None
    ) -> Decimal:
        """tokenOut per 1 tokenIn, to 12 significant digits. Raises PoolNotFound."""
        moment = at or self.clock.now()
        return PRICE_CONTEXT.divide(
            self.price_usd(token_in, moment), self.price_usd(token_out, moment)
        )

    def liquidity_usd(
        self,
        token_in: Token,
        token_out: Token,
        venue_liquidity: Decimal,
        at: datetime | None = None,
    ) -> Decimal:
        """What the pair's pool holds, both sides together, in USD. Raises PoolNotFound.

        A launched token's pool holds what its launch says, any other a multiple of what the
        venue has.
        """
        moment = at or self.clock.now()
        unlisted = (token for token in (token_in, token_out) if token.mint not in LEVELS)
        launches = [self._open_launch(token, moment) for token in unlisted]
        if launches:
            return min(launch.liquidity_usd for launch in launches)
        return venue_liquidity * max(LEVELS[t.mint].depth for t in (token_in, token_out))

    def candles(
        self,
        token_in: Token,
        token_out: Token,
        interval_s: int,
        start: datetime,
        end: datetime,
    ) -> list[Candle]:
        """Candles of the reference price that begin before `end`, none of them in the future.

        The one that holds `start` comes first. How many there are is for the caller to bound.
        Raises PoolNotFound for a token nobody knows, ValueError for an interval below 1 s.
        """
        chart = self.chart(token_in, token_out, interval_s)
        return self._candles.draw(chart, start, end, self.clock.now())

    def chart(self, token_in: Token, token_out: Token, interval_s: int) -> Chart:
        """What candles of any of the pair's prices are drawn of.

        Raises PoolNotFound for a token nobody knows, ValueError for an interval below 1 s.
        """
        if interval_s < 1:
            raise ValueError("a candle's interval is at least one second")
        opens = max(self._opening(token_in), self._opening(token_out))
        moves = (*self._moves_behind(token_in), *self._moves_behind(token_out))
        return Chart(token_in, token_out, opens, timedelta(seconds=interval_s), moves)

    def _moves_behind(self, token: Token) -> tuple[Timeline, ...]:
        """All that its price depends on: its own moves, and those of the token that it follows."""
        level = LEVELS.get(token.mint)
        followed = level.follows if level else None
        own = (self.moves_of(token.mint),)
        return own if followed is None else (*own, *self._moves_behind(followed))

    def _opening(self, token: Token) -> datetime:
        if token.mint in LEVELS:
            return EPOCH
        launch = self.registry.launch_of(token.mint)
        if launch is None:
            raise PoolNotFound()
        return launch.live_at


def _nothing_frozen(_: Timeline, __: tuple[Timeline, ...]) -> Frozen:
    """Where the prices of a timeline's freezes are remembered, until a move behind it changes."""
    return {}


@lru_cache(maxsize=1024)
def _own_price(seed: str, mint: str, at_us: int) -> Decimal:
    level = LEVELS[mint]
    return _move(level.base, swing(seed, mint, level.volatility, at_us))


def _move(base: Decimal, swing_e12: int) -> Decimal:
    moved = PRICE_CONTEXT.multiply(base, Decimal(_WHOLE + swing_e12))
    return PRICE_CONTEXT.scaleb(moved, -12)
