"""The movement of a token's price: the level that it swings around, how far, and how fast."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from orders.market import tokens
from orders.market.noise import UNIT, wave

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
    """`base` in USD, or in units of the token it `follows`; `volatility` in thousandths.

    The token's pools hold `depth` times the usual amount of a venue's pools.
    """

    base: Decimal
    volatility: int
    follows: tokens.Token | None = None
    depth: int = 1


LEVELS: dict[str, Level] = {
    tokens.SOL.mint: Level(Decimal("165"), 1000),
    tokens.USDC.mint: Level(Decimal("1"), 3),
    tokens.USDT.mint: Level(Decimal("0.9998"), 4),
    tokens.RAY.mint: Level(Decimal("2.35"), 1500),
    tokens.MET.mint: Level(Decimal("0.58"), 1800),
    tokens.JUP.mint: Level(Decimal("0.44"), 1400),
    tokens.BONK.mint: Level(Decimal("0.0000192"), 2200),
    tokens.PYTH.mint: Level(Decimal("0.145"), 1500),
    tokens.MSOL.mint: Level(Decimal("1.372"), 4, tokens.SOL),
    tokens.JITOSOL.mint: Level(Decimal("1.268"), 3, tokens.SOL),
    tokens.JTO.mint: Level(Decimal("1.15"), 1600),
    tokens.WIF.mint: Level(Decimal("0.72"), 2300),
    tokens.ETH.mint: Level(Decimal("3300"), 900, depth=10),
    tokens.BTC.mint: Level(Decimal("98000"), 700, depth=40),
    tokens.CBBTC.mint: Level(Decimal("1.0002"), 3, tokens.BTC, depth=40),
    tokens.JLP.mint: Level(Decimal("5.1"), 600),
    tokens.PYUSD.mint: Level(Decimal("0.9999"), 4),
    tokens.JUPSOL.mint: Level(Decimal("1.162"), 3, tokens.SOL),
    tokens.TRUMP.mint: Level(Decimal("7.4"), 2100),
    tokens.PUMP.mint: Level(Decimal("0.0031"), 2200),
    tokens.PENGU.mint: Level(Decimal("0.0145"), 2300),
    tokens.FARTCOIN.mint: Level(Decimal("0.36"), 2400),
    tokens.POPCAT.mint: Level(Decimal("0.13"), 2300),
    tokens.MEW.mint: Level(Decimal("0.0012"), 2300),
    tokens.RENDER.mint: Level(Decimal("2.2"), 1600),
    tokens.HNT.mint: Level(Decimal("2.3"), 1500),
    tokens.W.mint: Level(Decimal("0.061"), 1700),
    tokens.ORCA.mint: Level(Decimal("1.25"), 1500),
    tokens.KMNO.mint: Level(Decimal("0.053"), 1600),
    tokens.DRIFT.mint: Level(Decimal("0.27"), 1700),
}

# A new token starts exactly at its launch price and reaches its full swing after this time.
LAUNCH_VOLATILITY = 2500
LAUNCH_SETTLING_S = 6 * _HOUR


def swing(seed: str, mint: str, volatility: int, at_us: int) -> int:
    """The distance of a token's price from its level at `at_us` (microseconds), in 10**-12 of the
    level.
    """
    total = 0
    for key, period_us, amplitude_ppm in _octaves(seed, mint):
        total += amplitude_ppm * wave(key, period_us, at_us)
    return total * volatility * 1_000 // UNIT


@lru_cache(maxsize=4096)
def _octaves(seed: str, mint: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((f"{seed}/{mint}/{s}", s * 1_000_000, amplitude) for s, amplitude in OCTAVES)
