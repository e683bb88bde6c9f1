"""How two venues' prices differ: by 2 to 5 %, the better one changing about every hour."""

from datetime import datetime
from decimal import Context, Decimal
from functools import lru_cache

from orders.domain.clock import to_step
from orders.market.noise import UNIT, draw, wave
from orders.market.prices import PRICE_CONTEXT, Market
from orders.market.tokens import Token

_HOUR_US = 3_600_000_000
_GAP_PERIOD_US = 600_000_000
# Half of a gap of 2.1 to 4.7 %, in ppm: within 2 to 5 % whichever price it is measured against.
_HALF_GAP_PPM = 17_000
_HALF_GAP_RANGE_PPM = 6_500
_EXACT = Context(prec=28)


def spot_price(
    market: Market, side: int, token_in: Token, token_out: Token, at: datetime
) -> Decimal:
    """A venue's spot price, tokenOut per 1 tokenIn, to 12 significant digits.

    `side` is +1 or -1, so that two venues stand on opposite sides of the reference; 0 is the
    reference itself. The reverse pair has the reciprocal price. Raises PoolNotFound.
    """
    low, high = sorted((token_in, token_out), key=lambda token: token.mint)
    shift_ppm = side * _shift_ppm(market.seed, f"{low.mint}/{high.mint}", to_step(at))
    reference = market.reference_price(low, high, at)
    price = _EXACT.scaleb(_EXACT.multiply(reference, Decimal(1_000_000 + shift_ppm)), -6)
    reverse = token_in != low
    return PRICE_CONTEXT.divide(1, price) if reverse else PRICE_CONTEXT.plus(price)


@lru_cache(maxsize=1024)
def _shift_ppm(seed: str, pair: str, at_us: int) -> int:
    # Each pair changes sides at a minute of its own, so that not all change at once.
    hour = (at_us + _draw_once(seed, pair, "turn") % _HOUR_US) // _HOUR_US
    sign = 1 if _draw_once(seed, pair, "sign", hour) % 2 else -1
    level = wave(f"{seed}/{pair}/gap", _GAP_PERIOD_US, at_us)
    return sign * (_HALF_GAP_PPM + _HALF_GAP_RANGE_PPM * level // UNIT)


_draw_once = lru_cache(maxsize=4096)(draw)
