"""How the price of a token moves: the level it moves around, how far, and how fast."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from orders.market.noise import UNIT, wave
from orders.market.tokens import (
    BONK,
    JITOSOL,
    JTO,
    JUP,
    MET,
    MSOL,
    PYTH,
    RAY,
    SOL,
    USDC,
    USDT,
    WIF,
    Token,
)

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

# (period in seconds, amplitude in ppm of the level) at volatility 1: together at most 26.3 %.
OCTAVES: tuple[tuple[int, int], ...] = (
    (28 * _DAY, 120_000),
    (7 * _DAY, 60_000),
    (2 * _DAY, 35_000),
    (12 * _HOUR, 20_000),
    (3 * _HOUR, 12_000),
    (45 * _MINUTE, 7_000),
    (12 * _MINUTE, 4_500),
    (3 * _MINUTE, 2_500),
    (30, 2_000),
)


@dataclass(frozen=True, slots=True)
class Level:
    """`base` in USD, or in units of the token it `follows`; `volatility` in thousandths."""

    base: Decimal
    volatility: int
    follows: Token | None = None


LEVELS: dict[str, Level] = {
    SOL.mint: Level(Decimal("165"), 1000),
    USDC.mint: Level(Decimal("1"), 3),
    USDT.mint: Level(Decimal("0.9998"), 4),
    RAY.mint: Level(Decimal("2.35"), 1500),
    MET.mint: Level(Decimal("0.58"), 1800),
    JUP.mint: Level(Decimal("0.44"), 1400),
    BONK.mint: Level(Decimal("0.0000192"), 2200),
    PYTH.mint: Level(Decimal("0.145"), 1500),
    MSOL.mint: Level(Decimal("1.372"), 4, SOL),
    JITOSOL.mint: Level(Decimal("1.268"), 3, SOL),
    JTO.mint: Level(Decimal("1.15"), 1600),
    WIF.mint: Level(Decimal("0.72"), 2300),
}

# A new token starts exactly at its launch price and reaches its full swing after this long.
LAUNCH_VOLATILITY = 2500
LAUNCH_SETTLING_S = 6 * _HOUR


def swing(seed: str, mint: str, volatility: int, at_us: int) -> int:
    """How far a token is from its level at `at_us` (microseconds), in 10**-12 of the level."""
    total = 0
    for key, period_us, amplitude_ppm in _octaves(seed, mint):
        total += amplitude_ppm * wave(key, period_us, at_us)
    return total * volatility * 1_000 // UNIT


@lru_cache(maxsize=4096)
def _octaves(seed: str, mint: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((f"{seed}/{mint}/{s}", s * 1_000_000, amplitude) for s, amplitude in OCTAVES)
